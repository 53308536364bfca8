// `npm run demo [-- --minutes <n>]`: see README.md. Runs until Ctrl-C, or for so many minutes.
import { parseArgs } from 'node:util';
import '../../libs/runtime/testing/typescript.mjs'; // Before what imports TypeScript.
import { cliLogin } from './instance.mjs';
import { startDemo } from './demo.mjs';

const HELP = `npm run demo [-- --minutes <n>]

Two instances that know each other, an A2A agent behind each, three edge agents (one keeps dying), and calls both ways. Everything is on
this machine's loopback and in a directory of its own, which is removed at the end. Runs until Ctrl-C, or for so many minutes.`;

const say = (line) => console.log(line);
const options = { minutes: { type: 'string' }, help: { type: 'boolean', short: 'h' } };

try {
  const { values } = parseArgs({ options });
  if (values.help) say(HELP);
  else await demonstrate(minutesOf(values.minutes));
} catch (error) {
  console.error(error.code?.startsWith('ERR_PARSE_ARGS') ? `${error.message}\n\n${HELP}` : `The demo stopped: ${error.message}`);
  process.exitCode = 1;
}

function minutesOf(text) {
  if (text === undefined) return Infinity;
  const minutes = Number(text);
  if (!(minutes > 0 && minutes <= 30_000)) throw new Error(`--minutes must be a number above 0 and at most 30000, not ${text}`);
  return minutes;
}

async function demonstrate(minutes) {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'])
    process.once(signal, () => stop.abort(new Error('it was told to stop')));
  process.channel?.unref(); // Listening on it must not keep a demo alive that has ended.
  const demo = await startDemo({ say, signal: stop.signal });
  try {
    say(await guide(demo));
    await ended(minutes, stop.signal);
    say(`Ending. ${demo.traffic.counts.answered} calls were answered.`);
  } finally {
    await demo.end();
    say('Everything is stopped and removed.');
  }
}

function ended(minutes, signal) {
  const { promise, resolve } = Promise.withResolvers();
  const timer = setTimeout(() => resolve(), Math.min(minutes * 60_000, 2 ** 31 - 1));
  signal.addEventListener('abort', () => resolve());
  if (signal.aborted) resolve();
  return promise.finally(() => clearTimeout(timer));
}

async function guide({ lisbon, porto, fleet }) {
  return `
Two instances run, and call each other's agents every two seconds.

  Lisbon  ${await lisbon.loginLink()}
  Porto   ${await porto.loginLink()}
          (each good once, within 15 minutes; open them in two windows)

What to look at
  Federation Peers   each shows the other connected; open it, Calls: what flows, one in ten is refused by the rules
  Edge Agents        at Lisbon, three; ${fleet.dying} is killed once a minute old, red some 15 s later, and back 40 s after its end
  Service Health     API, PostgreSQL, Valkey, NATS and the projections of each
  Events             Facts: federation.peer.registered, edge.tunnel.connected; Telemetry: federation.heartbeat.received,
                     edge.heartbeat.received, services.health.probed; each as it is stored

In another terminal, in this directory
  ${cliLogin(lisbon)}
  ${cliLogin(porto)}
  npx --no-install ap --profile lisbon infra status --all
  npx --no-install ap --profile porto infra peers list
  npx --no-install ap --profile lisbon infra peers calls Porto

Ctrl-C ends it and removes everything.
`;
}
