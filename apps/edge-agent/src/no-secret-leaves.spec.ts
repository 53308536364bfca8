import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { real } from '../../../test/fake-openclaw/frames.js';
import { METHODS } from './openclaw/projection.js';
import { AgentBench } from './testing/agent-bench.js';

const SECRET = 'Sesame';
const TOKEN = `${SECRET}-gateway-token`;

/** Texts on which it depends what an agent does: anything else in their place, and it would never get to see the rest. */
const DECIDES = /^(\.features\.methods\.\d+|\.auth\.scopes\.\d+|\.server\.version|\.cacheStatus\.status|\.status|\.version)$/;

/** The same answer, with a secret in every text, under every key that is one, and in a field beside all others. */
function planted(value: unknown, path = ''): unknown {
  if (typeof value === 'string') return DECIDES.test(path) ? value : `${SECRET} ${path} ${value}`;
  if (Array.isArray(value)) return value.map((one, at) => planted(one, `${path}.${at}`));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]): [string, unknown] => [name, planted(field, `${path}.${name}`)]);
  return { ...Object.fromEntries(fields), prompt: `${SECRET} prompt`, [`agent:${SECRET}:main`]: { title: SECRET } };
}

let bench: AgentBench;
beforeEach(async () => {
  bench = await AgentBench.open();
  const { sockets, answers } = bench.gateway;
  sockets.tokens = { [TOKEN]: ['operator.read'] };
  sockets.hello = planted({ ...real['hello-ok.payload'], auth: { scopes: ['operator.read'] } }) as Record<string, unknown>;
  for (const [method, answer] of Object.entries({
    health: {
      ...real['rpc.health.telegram-not-connected'],
      plugins: { errors: [{ id: 'memory-core', message: 'cannot read /home/ada/.ssh' }] },
    },
    'sessions.usage': { ...real['rpc.sessions.usage.two-agents'], sessions: (real['rpc.sessions.list'] as { sessions: object }).sessions },
  }))
    sockets.answers[method] = planted(answer);
  for (const path of ['/startupz', '/readyz']) {
    const { status, body } = real.http[`GET ${path} local or bearer`]!;
    answers[path] = { status, body: planted(body) as object };
  }
});
afterEach(() => bench.close());

const seen = () => [...bench.server.texts, ...bench.said].join('\n');

it('tells the server numbers, a version and its own words, and nothing else of a gateway', async () => {
  bench.joined({ token: TOKEN }).run();
  const connection = await bench.server.connection();
  const { gateways } = await connection.next('report_full');
  const cost = await connection.next('cost');
  expect(gateways).toMatchObject([
    {
      ...{ capability: 'read', version: '2026.9.6', sessions: 0, reason: 'dependency_down', tier_limit: null },
      channels: [{ name: 'telegram', connected: false, lifecycle: null, error: 'timeout' }],
    },
  ]);
  expect(cost).toMatchObject({
    ...{ day: '2026-02-01', usd: 0.2877, tokens: 86_380, missing_cost_entries: 0, fresh: true },
    by_model: [{ model: 'other', usd: 0.2877, tokens: 86_380 }],
    by_agent: [{ gateway: expect.any(String), agent: 'other', usd: 0.2877, tokens: 86_380 }],
  });
  expect(bench.gateway.sockets.asked.map(({ method }) => method).toSorted()).toEqual(['connect', 'health', 'sessions.usage']);
  const allowed = ['connect', 'health', 'status', 'system.info', 'sessions.list', 'usage.cost', 'sessions.usage', 'agents.list'];
  expect(allowed).toEqual(expect.arrayContaining([...METHODS]));
  expect(JSON.stringify(bench.gateway.sockets.answers)).toContain(SECRET);
  expect(seen()).not.toContain(SECRET);
  expect(seen()).not.toMatch(/agent:|\.sqlite|\/home\//);
});

it.each(['starting', 'draining'])('repeats no words of a gateway that is %s', async (status) => {
  bench.gateway.answers['/startupz'] = {
    status: 503,
    body: { ok: false, status, pendingReason: `${SECRET} of a session`, version: `${SECRET} 1` },
  };
  bench.gateway.answers['/readyz'] = { status: 503, body: { ready: false, failing: [`/home/${SECRET}`, 'sidecars'] } };
  bench.joined({ token: TOKEN }).run();
  const { gateways } = await (await bench.server.connection()).next('report_full');
  expect(gateways).toMatchObject(
    [{ state: status, version: '2026.9.6' }].map((one) => (status === 'draining' ? { ...one, version: null } : one)),
  );
  expect(seen()).not.toContain(SECRET);
});

it('repeats no words of a refusal', async () => {
  const { details } = real.errors['PAIRING_REQUIRED']!;
  bench.gateway.sockets.refusesWith = {
    code: 'NOT_PAIRED',
    message: SECRET,
    details: { ...details, requestId: `${SECRET} /etc/passwd`, hint: SECRET },
  };
  bench.joined({ token: TOKEN }).run();
  const { gateways } = await (await bench.server.connection()).next('report_full');
  expect(gateways).toMatchObject([{ reason: 'pairing_required', sentence: 'The gateway wants to know this device.' }]);
  expect(seen()).not.toContain(SECRET);
});

it('keeps what is secret in files that only its user may read', async () => {
  const agent = bench.joined({ token: TOKEN }).run();
  await (await bench.server.connection()).next('cost');
  await agent.stop('stop', null);
  await bench.ended();
  expect(statSync(bench.state.path).mode & 0o777).toBe(0o700);
  const files = readdirSync(bench.state.path);
  expect(files.toSorted()).toEqual(['agent-key.pem', 'agent.json', 'gateway-tokens.json', 'outbox.json']);
  for (const file of files) expect([file, statSync(join(bench.state.path, file)).mode & 0o777]).toEqual([file, 0o600]);
  const holding = (what: string) => files.filter((file) => readFileSync(join(bench.state.path, file), 'utf8').includes(what));
  expect(holding(TOKEN)).toEqual(['gateway-tokens.json']);
  expect(holding('PRIVATE KEY')).toEqual(['agent-key.pem']);
  expect(bench.state.exposed()).toEqual([]);
});
