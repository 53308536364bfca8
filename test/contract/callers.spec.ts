import { CallRecorder } from '../../libs/federation/src/calls/runtime/call-recorder.provider.js';
import { asked } from '../../libs/federation/testing/calls.js';
import { bearer } from '../../libs/access/testing/access-app.js';
import { type WholeSystem, openWholeSystem } from './whole-system.js';

const NAME = 'the name of a caller';
const BINDINGS = [{ peer_id: null, agent: null, method_class: null }];

let system: WholeSystem;
/** Who asks, by the role of their token. */
const as: Record<string, Record<string, string>> = {};
const issue = async (name: string, role: string, more: object = {}): Promise<typeof caller> =>
  (await system.ask('POST', 'tokens', { name, role, expires_in_days: null, ...more })).body;
let caller: { token_id: string; token: string };
beforeAll(async () => {
  system = await openWholeSystem();
  caller = await issue(NAME, 'caller', { bindings: BINDINGS });
  for (const role of ['viewer', 'operator', 'admin']) as[role] = bearer((await issue(`a ${role}`, role)).token);
  as['caller'] = bearer(caller.token);
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => system.close());

const PREFIX = '/api/v1/infrastructure/';
/** Those that anybody is answered. */
const PUBLIC = ['GET /healthz', 'GET /readyz', `POST ${PREFIX}session`];

/** Every route but those that Fastify adds by itself, with something in the place of each parameter. */
const routes = (): [method: string, path: string][] =>
  system.routes
    .filter((route) => !/^(HEAD|OPTIONS) /.test(route) && !PUBLIC.includes(route))
    .map((route) => route.replaceAll(/:\w+/g, 'x').split(' ') as [string, string])
    .map(([method, path]) => [method, path.startsWith(PREFIX) ? path.slice(PREFIX.length) : `../../..${path}`]);

it('opens no route of the API to a caller but the question who it is', async () => {
  expect(routes().length).toBeGreaterThan(40);
  for (const [method, path] of routes()) {
    const body = ['POST', 'PATCH', 'PUT'].includes(method) ? {} : undefined;
    const stranger = await system.ask(method, path, body, {});
    expect([method, path, stranger.status]).toEqual([method, path, 401]); // Else it is public, and not listed so.
    const { status, body: answer } = await system.ask(method, path, body, as['caller']);
    const expected = `${method} ${path}` === 'GET session' ? [200, undefined] : [403, 'access.denied'];
    expect([method, path, status, answer.code]).toEqual([method, path, ...expected]);
  }
}, 60_000);

it('says to a caller who it is', async () => {
  const { body } = await system.ask('GET', 'session', undefined, as['caller']);
  expect(body).toMatchObject({ actor: `token:${caller.token_id}`, role: 'caller', csrf_token: null });
});

it('leaves the live feed to others when one token has taken its share of it', async () => {
  const leave = new AbortController();
  const listen = (role: string): Promise<Response> => fetch(`${system.apiUrl}stream`, { headers: as[role] ?? {}, signal: leave.signal });
  for (let n = 0; n < 25; n++) expect((await listen('viewer')).status).toBe(200);
  const refused = await listen('viewer');
  expect([refused.status, await refused.json()]).toEqual([429, expect.objectContaining({ code: 'stream.too-many' })]);
  expect((await listen('operator')).status).toBe(200);
  leave.abort();
});

it.each([
  ['revoked', (id: string) => system.ask('POST', `tokens/${id}/revoke`)],
  ['rotated', (id: string) => system.ask('POST', `tokens/${id}/rotate`, {})],
])(
  'ends the live feed of a token that is %s',
  async (_how, end) => {
    const { token, token_id } = await issue('who leaves', 'viewer');
    const answer = await fetch(`${system.apiUrl}stream`, { headers: bearer(token) });
    expect((await end(token_id)).status).toBe(202);
    await answer.body?.pipeTo(new WritableStream()); // Until the API ends it; the deadline is that of the test, before anybody is asked.
  },
  15_000,
);

describe('of a call that a token made', () => {
  beforeAll(async () => {
    const recorder = new CallRecorder(system.store.calls, system.store.identity);
    const call = { ...asked, caller: 'opaque', actor: `token:${caller.token_id}` };
    await recorder.accept({ ...call, call_id: 'named' });
    await recorder.onApplicationShutdown();
    await system.assertCaughtUp();
  });

  it.each([
    ['viewer', null],
    ['operator', NAME],
    ['admin', NAME],
  ])('the name is shown to whom it may be: %s', async (role, name) => {
    const { status, body } = await system.ask('GET', 'calls/named', undefined, as[role]);
    expect([status, body.data]).toEqual([200, expect.objectContaining({ actor: `token:${caller.token_id}`, caller_name: name })]);
  });
});

it('tells a viewer the name of a token nowhere, and has it in what the log and the list tell an admin', async () => {
  await system.assertCaughtUp();
  // The stream goes on for ever: its own spec says that it has no section of tokens.
  const reads = routes()
    .filter(([method, path]) => method === 'GET' && path !== 'stream')
    .map(([, path]) => path);
  const named = async (role: string): Promise<string[]> => {
    const found: string[] = [];
    for (const path of [...reads, 'calls/named', `peers/${asked.peer_id}/calls`, 'events?room=access'])
      if ((await system.ask('GET', path, undefined, as[role])).text.includes(NAME)) found.push(path);
    return found;
  };
  expect(await named('viewer')).toEqual([]);
  expect(await named('operator')).toEqual(['calls/named', `peers/${asked.peer_id}/calls`]);
  expect((await named('admin')).sort()).toEqual(['calls/named', 'events', 'events?room=access', `peers/${asked.peer_id}/calls`, 'tokens']);
});
