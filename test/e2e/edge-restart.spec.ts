import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DEFAULT_SIZES, EventStore } from '@app/event-store';
import { hearing } from '@app/event-store/testing';
import { type FactClass, type Decider, asId, newEvent } from '@app/kernel';
import { setUp } from '@app/process';
import { PgLogMarks, poolOf } from '@app/read-store';
import { CONTEXTS } from '@app/contexts';
import { type TestDatabase, type TestNats, startTestNats, testDatabase } from '@app/runtime/testing';
import { Backoff } from '../../apps/edge-agent/src/backoff.js';
import * as events from '../../libs/edge/src/events/index.js';
import { readClose } from '../../libs/edge/src/tunnel.protocol.js';
import { type Identity, ScriptedAgent, newIdentity } from '../../libs/edge/testing/scripted-agent.js';
import { freePort, until } from './system.js';

const ROOT = join(import.meta.dirname, '../..');
const AGENTS = 500;

let nats: TestNats;
let database: TestDatabase;
let store: EventStore;
let pool: ReturnType<typeof poolOf>;
let port: number;
let edge: ChildProcess;
let identities: Identity[];
const fleet: Member[] = [];
/** What each agent was last said to be, and all that was ever said. */
const status = new Map<string, string>();
const everSaid = new Set<string>();
const listening = new AbortController();

const start = async (): Promise<void> => {
  const env = {
    PATH: process.env['PATH'] ?? '',
    NATS_URL: [nats.access.servers].flat().join(','),
    DATABASE_URL: database.url,
    PUBLIC_PORT: String(port),
  };
  edge = spawn(join(ROOT, 'node_modules/.bin/node'), [join(ROOT, 'dist/apps/edge/src/main.js')], { env, stdio: 'ignore' });
  await until(
    async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.status,
    (answered) => answered === 200,
    30_000,
    'the edge process is ready',
  );
};

/** An agent with nothing to report, that comes back as real ones do. */
class Member {
  private readonly backoff = new Backoff();
  private stopped = false;
  private current: ScriptedAgent | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly identity: Identity) {}

  connect(): void {
    if (this.stopped) return;
    const sinceMs = performance.now();
    const agent = new ScriptedAgent(`http://127.0.0.1:${port}`, this.identity);
    this.current = agent;
    agent.socket.on('message', () => {
      const { type } = agent.frames.at(-1) ?? {};
      if (type === 'challenge') void agent.hello();
      if (type === 'welcome') agent.report({ gateways: [] });
    });
    agent.socket.once('unexpected-response', () => agent.socket.terminate()); // Too many at once: it would stay half open.
    agent.socket.once('close', (code, text) => {
      if (this.stopped) return;
      const wait =
        agent.refused === undefined
          ? readClose(code, text.toString())
          : { reason: null, retryAfterMs: Number(agent.refused.retryAfter ?? 1) * 1_000 };
      this.timer = setTimeout(() => this.connect(), this.backoff.after({ ...wait, stoodMs: performance.now() - sinceMs }));
    });
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.current?.vanish();
  }
}

/** As if it had joined: what matters here begins after that. */
const enroll: Decider<undefined, events.AgentEnrolled, FactClass> = {
  on: ({ agent_id }) => ({ subjects: [`facts.edge.agent.${agent_id}`], fold: () => undefined }),
  decide: (_none, { data }) => [newEvent(events.AgentEnrolled, data)],
};

beforeAll(async () => {
  [nats, database] = await Promise.all([startTestNats(), testDatabase()]);
  await setUp(nats.access, { nats: nats.access, databaseUrl: database.url, sizes: DEFAULT_SIZES, logLevel: 'silent' }, CONTEXTS);
  const classes = Object.values(events).filter((item) => typeof item === 'function' && 'type' in item);
  pool = poolOf(database.url, { name: 'test', max: 1 });
  store = await EventStore.open({ ...nats.access, name: 'test' }, classes, DEFAULT_SIZES, new PgLogMarks(pool));
  port = await freePort();
  identities = Array.from({ length: AGENTS }, (_, n) => newIdentity(`agent-${n}`));
  await Promise.all(
    identities.map(({ agentId, publicKey }) => {
      const data = { ...events.AgentEnrolled.example, agent_id: asId<events.AgentId>(agentId), public_key: publicKey };
      return store.commands.handle(enroll, { data, actor: 'system:test' });
    }),
  );
  await store.subscription.watch(
    ['edge.agent'],
    hearing(({ type, data }) => {
      if (type !== 'edge.agent.status-changed') return;
      const { agent_id, to } = data as events.AgentStatusChanged;
      status.set(agent_id, to);
      everSaid.add(to);
    }),
    listening.signal,
    (error) => {
      throw error;
    },
  );
  await start();
  for (const identity of identities) fleet.push(new Member(identity));
  for (const member of fleet) member.connect();
}, 120_000);
afterAll(async () => {
  for (const member of fleet) member.stop();
  const ended = once(edge, 'exit');
  edge.kill('SIGKILL');
  await ended;
  listening.abort();
  await store.close();
  await pool.end();
  await nats.stop();
  await database.drop();
}, 60_000);

const connected = (): number => [...status.values()].filter((one) => one === 'connected').length;
const allConnected = () =>
  until(
    async () => connected(),
    (count) => count === AGENTS,
    120_000,
    `${AGENTS} agents are connected`,
  );

it(`${AGENTS} agents are connected`, async () => {
  await allConnected();
}, 150_000);

it.each([['killed', 'SIGKILL'] as const, ['told to stop', 'SIGTERM'] as const])(
  'the edge process is %s and started again: all come back, and none was red',
  async (_how, signal) => {
    everSaid.clear();
    const ended = once(edge, 'exit');
    edge.kill(signal);
    await ended;
    await start();
    await until(
      async () => everSaid.has('unknown') || connected() < AGENTS,
      (seen) => seen,
      60_000,
      'the new process has judged',
    );
    await allConnected();
    expect([...everSaid].filter((word) => ['disconnected', 'stale', 'quarantined'].includes(word))).toEqual([]);
  },
  240_000,
);
