// A process that appends, and notes on the disk what it sent and what it was answered. SIGTERM: it finishes and ends.
import '../../libs/runtime/testing/typescript.mjs';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { behindProxies, given } from './access.mjs';
import { built } from '../bench/built.mjs';
import { enter, context } from './accounts-context.mjs';

const { commandsIn, notedIn } = await import('./history.ts');
const { Random } = await import('./random.ts');
const { OutcomeUnknown, wroteNothing } = await built('event-store');
const { openPlumbing } = await built('process');

const WORKERS = 6;
/** Accounts that are written to at one time. Few, so that commands meet; new ones every while, so that histories stay short. */
const ACCOUNTS = 16;
const ACCOUNTS_MS = 15_000;
const LONGEST_PAUSE_MS = 80;
/** At the end, commands whose outcome is unknown are sent again for so long, ms. */
const SETTLE_MS = 30_000;

const earlier = existsSync(given.noted) ? notedIn(readFileSync(given.noted, 'utf8')) : [];
const random = new Random(given.seed + earlier.length);
const file = openSync(given.noted, 'a');
if (earlier.length > 0) writeSync(file, '\n'); // The process before may have been killed in the middle of a line.
let stopping = false;
process.once('SIGTERM', () => (stopping = true));

/** On the disk before anything else happens. */
function note(line) {
  writeSync(file, `${JSON.stringify({ ...line, at_us: Number(process.hrtime.bigint() / 1_000n) })}\n`);
  fsyncSync(file);
}

const unsettled = [];
const settled = [];

async function send(command) {
  const { command_id, entries } = command;
  note({ kind: 'sent', command_id, entries });
  try {
    const { position } = await store.commands.handle(enter, { data: command, actor: 'token:chaos', commandId: command_id });
    note({ kind: 'acknowledged', command_id, position: Number(/^f(\d+)/.exec(position)[1]) });
    if (settled.push(command) > 200) settled.shift();
  } catch (error) {
    const reason = `${error.code ?? error.name}: ${error.message}`; // For whoever reads the evidence; nothing depends on it.
    if (wroteNothing(error)) return note({ kind: 'refused', command_id, reason });
    note({ kind: 'unknown', command_id, reason });
    if (!(error instanceof OutcomeUnknown)) console.error(`unexpected: ${error.stack}`);
    unsettled.push(command);
  }
}

function newCommand() {
  const generation = Math.floor((Date.now() - given.startedAt) / ACCOUNTS_MS);
  const account = () => `a${generation}-${random.between(1, ACCOUNTS)}`;
  const amount = random.between(1, 1_000);
  const [from, to] = [account(), account()];
  const entry = (account_id, change) => ({ account_id, amount: change });
  const form = random.next();
  if (form < 0.55 || from === to) return [entry(from, amount)];
  if (form < 0.85) return [entry(from, -amount), entry(to, amount)];
  return [entry(from, -amount), entry(to, amount - 1), entry(to, 1)];
}

/** Mostly something new; now and then again what got no answer, or what was acknowledged already. */
function nextCommand() {
  const form = random.next();
  if (form < 0.2 && unsettled.length > 0) return unsettled.shift();
  if (form > 0.97 && settled.length > 0) return random.pick(settled);
  return { command_id: randomUUID(), entries: newCommand() };
}

async function work() {
  while (!stopping) {
    await send(nextCommand());
    await delay(random.between(0, LONGEST_PAUSE_MS));
  }
}

const plumbing = await openPlumbing(given.name, behindProxies, [context]);
const { store } = plumbing;
// What the process before left open: half of it is never sent again, and may have been stored or not.
for (const { id, entries, outcome } of commandsIn(earlier).values())
  if (outcome === 'unknown' && random.next() < 0.5) unsettled.push({ command_id: id, entries });
await Promise.all(Array.from({ length: WORKERS }, work));
const end = performance.now() + SETTLE_MS;
while (unsettled.length > 0 && performance.now() < end) await send(unsettled.shift());
await plumbing.close();
closeSync(file);
process.exit();
