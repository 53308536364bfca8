import { federation } from '@app/federation';
import { newEvent } from '@app/kernel';
import { until } from './any-text.js';
import { fuzz } from './fuzz.js';
import type { Known } from './fuzz-requests.js';
import { type WholeSystem, openWholeSystem } from './whole-system.js';

/** Another seed asks other things: `FUZZ_SEED=7 FUZZ_REQUESTS=100 npm run jest -- --testPathPatterns contract/fuzz.spec`. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_201);
/** Of an admin, for each operation; of the others a fraction: most of theirs end at the guard. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 24);
/** Longer than any answer may take that waits for something. */
const DEADLINE_MS = 30_000;

let system: WholeSystem;
beforeAll(async () => {
  system = await openWholeSystem();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => system.close());

/** Of each thing: the requests take most of them away. */
const MANY = Array.from({ length: 12 }, (_, n) => n);

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const tokenOf = async (role: string): Promise<{ token: string; token_id: string }> =>
  (await system.ask('POST', 'tokens', { name: role, role, expires_in_days: 1 })).body;

/** One of everything that requests can name, and more of what they may take away. */
async function something(): Promise<Known> {
  const peers = await Promise.all(
    MANY.map(
      async (n) =>
        (await system.ask('POST', 'peers', { remote_peer_id: `inst-${n}`, label: `Peer ${n}`, url: `https://127.0.0.1:1` })).body,
    ),
  );
  const rules = await Promise.all(
    MANY.map(async () => (await system.ask('POST', 'routes', { direction: 'out', agent: 'planner', action: 'allow' })).body.rule_id),
  );
  const agents = await Promise.all(MANY.map(async () => (await system.join()).identity.agentId));
  const tokens = await Promise.all(['viewer', 'operator'].map(async (role) => (await tokenOf(role)).token_id));
  const call = federation.events.CallAccepted.example;
  const recorded = await system.store.calls.record(newEvent(federation.events.CallAccepted, call), {
    actor: 'test',
    id: call.record_id,
    timeoutMs: 5_000,
  });
  await system.assertCaughtUp();
  const projections = (await system.data('projections')) as { name: string }[];
  const components = (await system.data('services')) as { component_id: string }[];
  const positions = [...peers.map(({ position }) => position as string), recorded ?? 'c1', 'f1', 'f2'];
  return {
    ...{
      peer_id: peers.map(({ peer_id }) => peer_id),
      remote_peer_id: MANY.map((n) => `inst-${n + 9}`),
      rule_id: rules,
      agent_id: agents,
      token_id: tokens,
    },
    ...{
      call_id: [call.call_id],
      name: projections.map(({ name }) => name),
      component_id: components.map(({ component_id }) => component_id),
    },
    ...{
      position: positions,
      before: [...positions, ...rules],
      after: positions.slice(0, 2),
      cursor: positions,
      room: ['federation', 'edge'],
    },
    ...{ subject: ['facts.federation.route.table'], type: ['federation.peer.registered'], agent: ['planner'] },
    ...{ url: ['https://127.0.0.1:1'], target_url: ['https://127.0.0.1:1/agent'], outbound_secret: ['correct horse battery staple'] },
    ...{ note: ['a note'], label: ['Lisbon'], until: ['2099-01-01T00:00:00.000Z'] },
  };
}

it('answers every described route as it is described, whatever is asked, and goes on as before', async () => {
  const [viewer, admin, known] = [await tokenOf('viewer'), await tokenOf('admin'), await something()];
  const { asked, statuses, unreached, findings } = await fuzz({
    ...{ origin: new URL(system.apiUrl).origin, description: system.description, known, seed: SEED, deadlineMs: DEADLINE_MS },
    identities: {
      nobody: { headers: {}, requests: Math.ceil(REQUESTS / 4) },
      viewer: { headers: bearer(viewer.token), requests: Math.ceil(REQUESTS / 3) },
      admin: { headers: bearer(admin.token), requests: REQUESTS },
    },
  });
  process.stdout.write(
    `fuzz: seed ${SEED}, ${asked} requests, answered ${JSON.stringify(statuses)}; no success of ${unreached.join(', ')}\n`,
  );
  expect({ seed: SEED, findings }).toEqual({ seed: SEED, findings: [] });
  for (const status of [200, 202, 400, 401, 403, 404]) expect([status, statuses[status] ?? 0]).not.toEqual([status, 0]);
  expect(unreached.length).toBeLessThan(20);
  await system.assertCaughtUp();
  const root = '/api/v1/infrastructure/';
  const lists = ['overview', 'peers', 'routes', 'edge-agents', 'tokens', 'events', 'projections'].map((path) => root + path);
  for (const path of ['/healthz', '/readyz', ...lists])
    await until(`${path} is answered with 200`, async () => {
      const { status } = await fetch(new URL(path, system.apiUrl), { headers: bearer(admin.token) });
      return status === 200 ? true : undefined;
    });
}, 300_000);
