// What a call costs that goes through two instances (signed, decided by rules, on record at both before a byte goes on) against the same
// call through two bare reverse proxies, and against what no implementation could do without: the writes that a call waits for and leaves
// behind, made by the bare client. Both pairs are processes of their own, and ours are whole: their read models follow the calls, their
// components are probed, and each has a log and a database on the same disk.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as ask } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstance } from '../demo/instance.mjs';
import { connected, federate } from '../demo/federate.mjs';
import { openAppends } from './baseline-appends.mjs';
import { beside } from './beside.mjs';
import { figure, inTurn, median, percentile, rate } from './figures.mjs';

const SLICES = 12;
const WARM_UP_SLICES = 2;
const CALLS_A_SLICE = 100;
const IN_FLIGHT = 32;
const SLICE_MS = 1_000;
const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 'call',
  method: 'SendMessage',
  params: { message: { messageId: 'question', role: 'ROLE_USER', parts: [{ text: 'x'.repeat(250) }] } },
});

export async function* bench(servers, names) {
  const dir = mkdtempSync(join(tmpdir(), 'clawbutler-hop-'));
  const undo = [async () => rmSync(dir, { recursive: true, force: true })];
  const kept = async (starting) => {
    const exported = await starting;
    undo.push(() => exported.end());
    return exported;
  };
  try {
    const agent = await kept(beside('baseline-agent.mjs'));
    const inner = await kept(beside('baseline-proxy.mjs', agent.said));
    const outer = await kept(beside('baseline-proxy.mjs', inner.said));
    const near = await kept(startInstance('near', dir));
    const far = await kept(startInstance('far', dir));
    const proxyUrl = await openProxied(near, far, agent.said);
    const sockets = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
    undo.push(async () => sockets.destroy());
    const direct = caller(sockets, `${agent.said}rpc`);
    const bare = caller(sockets, `${outer.said}rpc`);
    const ours = caller(sockets, proxyUrl, near.token);
    if (names.includes('federation.hop_added_p50_ms')) yield await added(ours, bare, direct);
    if (names.includes('federation.hop_throughput')) yield await throughput('federation.hop_throughput', ours, bare);
    if (names.includes('federation.hop_durable_limit')) {
      const log = await openAppends(servers);
      undo.push(() => log.close());
      yield await throughput('federation.hop_durable_limit', ours, writesOfACall(log));
    }
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** The highest that a rule takes: the proxy is measured, and not its limits. */
const UNLIMITED = { calls_per_minute: 1_000_000, concurrent_calls: 100_000, body_bytes: 1024 ** 3 };

/** The URL of the agent's interface at `near`, behind `far`. */
async function openProxied(near, far, agentUrl) {
  const ids = await federate(near, far);
  await near.call('POST', 'routes', { direction: 'out', action: 'allow', limits: UNLIMITED });
  await far.call('POST', 'routes', { direction: 'in', agent: 'bench', action: 'route', target_url: agentUrl, limits: UNLIMITED });
  await connected(near, ids.second);
  const base = `${near.publicUrl}/a2a/peers/${ids.second}/agents/bench/`;
  const answer = await fetch(`${base}.well-known/agent-card.json`, { headers: { authorization: `Bearer ${near.token}` } });
  if (!answer.ok) throw new Error(`the card: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).supportedInterfaces[0].url;
}

async function added(ours, bare, direct) {
  const slice = (call) => async () => {
    const times = [];
    for (let n = 0; n < CALLS_A_SLICE; n++) {
      const from = performance.now();
      await call();
      times.push(performance.now() - from);
    }
    return times;
  };
  await inTurn(WARM_UP_SLICES, slice(ours), slice(bare));
  const alone = await slice(direct)();
  const times = await inTurn(SLICES, slice(ours), slice(bare));
  const p50 = (all) => percentile(all.flat(), 0.5);
  return figure('federation.hop_added_p50_ms', 'ms', p50(times.ours) - p50(alone), p50(times.baseline) - p50(alone));
}

async function throughput(name, ours, baseline) {
  const slice = (call) => () => rate(IN_FLIGHT, SLICE_MS, call);
  await inTurn(WARM_UP_SLICES, slice(ours), slice(baseline));
  const rates = await inTurn(SLICES, slice(ours), slice(baseline));
  return figure(name, 'calls/s', median(rates.ours), median(rates.baseline));
}

/** Each on the disk before the next: accepted at the near side, the nonce and accepted at the far side; then both endings at once. */
const writesOfACall = ({ append }) => {
  const data = { note: 'x'.repeat(600) };
  const write = () => append(randomUUID(), data, 0);
  return async () => {
    for (let n = 0; n < 3; n++) await write();
    await Promise.all([write(), write()]);
  };
};

/** One whole call; throws unless it was answered. */
function caller(agent, url, token) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY), 'a2a-version': '1.0', ...authorization };
  return () =>
    new Promise((resolve, reject) => {
      ask(url, { agent, method: 'POST', headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}: ${text}`))));
        answer.on('error', reject);
      })
        .on('error', reject)
        .end(BODY);
    });
}
