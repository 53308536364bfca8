import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testDir } from '../../libs/runtime/testing/index.js';
import { eventually } from '../../libs/runtime/src/wait.js';
import type { RuntimeLog } from '../../libs/runtime/src/contract.js';
import { type CheckResult, TABLES, check } from './checker.js';
import { checkpoints, dumpLog, dumpRows, endOf, patiently } from './dump.js';
import { type Breakable, type Broken, breakAll } from './faults.js';
import { type History, type Noted, notedIn } from './history.js';
import { KeptProcess } from './kept-process.js';
import { Link } from './links.js';
import { CLIENTS, type FaultKind, type Mode, PROJECTORS, scheduleOf } from './schedule.js';
import { type Site, openSite } from './site.js';

/** After the last fault is healed: until appends are acknowledged again, until a process ends, until the read models are at the end. */
const RECOVER_MS = 120_000;
const END_MS = 90_000;
const CONSUME_MS = 120_000;

export interface RoundOptions {
  readonly seed: number;
  readonly mode: Mode;
  /** How long faults happen. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly say: (words: string) => void;
}

export interface Round {
  readonly mode: Mode;
  readonly seed: number;
  readonly seconds: number;
  /** Kinds of fault that this machine cannot make. */
  readonly skipped: readonly FaultKind[];
  readonly faults: readonly Broken[];
  readonly history: History;
  readonly results: readonly CheckResult[];
  /** How often a client or a projector ended without a fault. */
  readonly ownExits: number;
  /** From the last healed fault to the first append that was acknowledged in each client, and then to the checkpoints at the end, ms. */
  readonly recoveredMs: number;
  readonly consumedMs: number;
}

interface Running extends Breakable {
  /** The acknowledgement log of each client. */
  readonly files: readonly string[];
  stop(): Promise<void>;
}

/** Opens servers, lets clients append while faults happen, heals everything, and judges what is left. Leaves nothing behind. */
export async function runRound(options: RoundOptions): Promise<Round> {
  const { seed, mode, seconds, signal, say } = options;
  const log: RuntimeLog = () => undefined; // Servers that are killed again and again say so again and again.
  const site = await openSite(mode, log);
  const skipped: FaultKind[] = mode === 'single' && site.disk === undefined ? ['nats.disk-full'] : [];
  let running: Running | undefined;
  try {
    await assertSyncs(site);
    running = await startProcesses(site, options);
    const faults = await breakAll(running, scheduleOf(seed, mode, seconds, skipped), signal, (broken) => say(wordsOf(mode, broken)));
    signal.throwIfAborted();
    const healed = performance.now();
    const recovery = await recover(running.files, signal);
    const recoveredMs = performance.now() - healed;
    const ended = await Promise.all(running.clients.map((client) => client.stop(END_MS)));
    const stopped = performance.now();
    const end = await patiently(() => endOf(site.access));
    await eventually(async () => signal.aborted || isAt(await checkpoints(site.databaseUrl), end), CONSUME_MS);
    signal.throwIfAborted();
    const history = {
      noted: running.files.flatMap(notedOf),
      log: await patiently(() => dumpLog(site.access)),
      rows: await patiently(() => dumpRows(site.databaseUrl)),
    };
    const results = [...check(history), recovery, ending(ended, running), healing(faults)];
    const ownExits = [...running.clients, ...running.projectors].reduce((sum, process) => sum + process.ownExits, 0);
    return { mode, seed, seconds, skipped, faults, history, results, ownExits, recoveredMs, consumedMs: performance.now() - stopped };
  } finally {
    await running?.stop();
    await site.stop();
  }
}

/** A kill tests no disk: what makes an acknowledgement durable is that the server syncs before it, which it says itself. */
async function assertSyncs({ nodes }: Site): Promise<void> {
  for (const { monitorUrl } of nodes) {
    const varz = (await (await fetch(`${monitorUrl}/varz`)).json()) as { jetstream?: { config?: { sync_always?: boolean } } };
    if (varz.jetstream?.config?.sync_always !== true) throw new Error(`the NATS at ${monitorUrl} does not sync before it acknowledges`);
  }
}

async function startProcesses(site: Site, { seed, mode, signal }: RoundOptions): Promise<Running> {
  const dir = testDir();
  const outside = join(dir.path, 'acknowledged');
  mkdirSync(outside);
  const files = Array.from({ length: CLIENTS }, (_, i) => join(outside, `client-${i}.ndjson`));
  const natsLinks = await Promise.all(Array.from({ length: CLIENTS + PROJECTORS }, () => Link.to(site.nodes.map(({ url }) => url))));
  const postgresLinks = await Promise.all(Array.from({ length: CLIENTS + PROJECTORS }, () => Link.to([site.databaseUrl])));
  const envOf = (natsPorts: readonly number[], postgresPort: number): Record<string, string> => ({
    NATS_URL: natsUrl(site, natsPorts),
    DATABASE_URL: withPort(site.databaseUrl, postgresPort),
    NATS_REPLICAS: String(site.nodes.length),
    ...(mode === 'single' && { NATS_MONITOR_URL: site.nodes[0]?.monitorUrl ?? '' }),
  });
  const envOfProcess = (i: number): Record<string, string> => envOf(natsLinks[i]?.ports ?? [], postgresLinks[i]?.ports[0] ?? 0);
  const clients = files.map((noted, i) => {
    const config = { env: envOfProcess(i), name: `chaos client ${i}`, noted, seed: seed * 1_000 + i, startedAt: Date.now() };
    return new KeptProcess(join(dir.path, `client-${i}`), 'client.mjs', config);
  });
  const projectors = Array.from(
    { length: PROJECTORS },
    (_, i) => new KeptProcess(join(dir.path, `projector-${i}`), 'projector.mjs', { env: envOfProcess(CLIENTS + i) }),
  );
  const stop = async (): Promise<void> => {
    await Promise.all([...clients, ...projectors].map((process) => process.stop(signal.aborted ? 0 : END_MS)));
    await Promise.all([...natsLinks, ...postgresLinks].map((link) => link.close()));
    await dir.remove();
  };
  try {
    const direct = envOf(
      site.nodes.map(({ url }) => Number(new URL(url).port)),
      Number(new URL(site.databaseUrl).port),
    );
    const setUp = new KeptProcess(join(dir.path, 'set-up'), 'set-up.mjs', { env: direct });
    if ((await setUp.once()) !== 0) throw new Error(`the set-up failed: ${setUp.lastWords()}`);
    for (const process of [...clients, ...projectors]) process.start();
    const isUp = (): boolean => signal.aborted || acknowledgedAfter(files, 0);
    if (!(await eventually(isUp, RECOVER_MS))) throw new Error(`no append is acknowledged: ${clients[0]?.lastWords()}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { site, clients, projectors, natsLinks, postgresLinks, files, stop };
}

/** With the credentials of an administrator, who may also make the streams. */
function natsUrl({ access: { user, pass } }: Site, ports: readonly number[]): string {
  const credentials = user === undefined ? '' : `${user}:${pass}@`;
  return `nats://${credentials}${ports.map((port) => `127.0.0.1:${port}`).join(',')}`;
}

function withPort(url: string, port: number): string {
  const parsed = new URL(url);
  parsed.port = String(port);
  return parsed.href;
}

const notedOf = (file: string): Noted[] => (existsSync(file) ? notedIn(readFileSync(file, 'utf8')) : []);

/** The clock of the acknowledgement logs. */
const nowUs = (): number => Number(process.hrtime.bigint() / 1_000n);

const acknowledgedAfter = (files: readonly string[], us: number): boolean =>
  files.every((file) => notedOf(file).some(({ kind, at_us }) => kind === 'acknowledged' && at_us > us));

/** Everything is healed: each client must get on by itself. */
async function recover(files: readonly string[], signal: AbortSignal): Promise<CheckResult> {
  const healedUs = nowUs();
  const isBack = await eventually(() => signal.aborted || acknowledgedAfter(files, healedUs), RECOVER_MS);
  const violations = isBack ? [] : [`a client has no append acknowledged ${RECOVER_MS} ms after the last fault was healed`];
  return { check: 'appends are acknowledged again by themselves', violations };
}

const isAt = (positions: readonly number[], end: number): boolean =>
  positions.length === TABLES.length && positions.every((position) => position === end);

function ending(ended: readonly boolean[], { clients }: Running): CheckResult {
  const violations = ended.flatMap((inTime, i) => (inTime ? [] : [`client ${i} does not end: ${clients[i]?.lastWords()}`]));
  return { check: 'clients end when they are told to', violations };
}

function healing(faults: readonly Broken[]): CheckResult {
  const violations = faults
    .filter(({ outcome }) => outcome !== 'healed' && outcome !== 'busy')
    .map(({ kind, target, outcome }) => `${kind} ${target}: ${outcome}`);
  return { check: 'servers and processes come back', violations };
}

const wordsOf = (mode: Mode, { atMs, kind, target, holdMs, outcome }: Broken): string =>
  `${mode} ${(atMs / 1_000).toFixed(1)} s: ${kind} ${target} for ${holdMs} ms: ${outcome}`;
