import { AnswerOf, ListAnswerOf, Problem } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { assertShape } from '@app/kernel';
import { NOW } from '@app/kernel/testing';
import { ReadModels } from '@app/read-store';
import { PeerDirectoryController } from './peer-directory.controller.js';
import { Peer } from './peer-directory.view.js';

const row: Peer = {
  peer_id: 'peer-lisbon',
  remote_peer_id: 'inst-7f3q',
  label: 'Lisbon, second hall',
  url: 'http://localhost:4180',
  lifecycle: 'pending',
  status: 'pending',
  health: 'unknown',
  reason: 'never_connected',
  sentence: 'Waiting for the mutual challenge: this side has registered the peer; the other side has not answered yet.',
  details: {},
  since: NOW,
  secret_fingerprint: '5c1e-0b77-a9d2-43f0',
  key_fingerprint: null,
  key_pinned_at: null,
  registered_at: NOW,
  registered_by: 'token:7c9e6679',
  suspended_until: null,
  last_good_at: null,
  next_retry_at: null,
  held_at: null,
  evidence: ['f81724'],
  last_heartbeat_at: null,
  rtt_ms: null,
  their_view: null,
  calls_in: 0,
  calls_out: 0,
};
/** What it was asked, and with which values the statement ran. */
const asked: { about: unknown; values: readonly unknown[] }[] = [];
let rows: Peer[] = [row];
/** As the statement answers: without the sentence, which is made of the rest. */
let evaluated: object | null = null;
const stored = (): object[] => rows.map(({ sentence: _sentence, ...rest }) => ({ ...rest, judged_at: NOW, evaluated }));
let app: TestApp;

const reads: ReadModels = {
  answer: async ({ table }, { after, ...about }, query) => {
    const data = await query({ query: async (_text, values) => (asked.push({ about: { table, ...about }, values }), { rows: stored() }) });
    return { data, as_of: NOW, position: after ?? 'f81730', lag_ms: 3, warnings: [] };
  },
};

beforeAll(async () => {
  app = await testAppOf([PeerDirectoryController], [{ provide: ReadModels, useValue: reads }]);
});
beforeEach(() => {
  asked.length = 0;
  rows = [row];
});
afterAll(() => app.close());

it('answers with a page and how far it can be relied on', async () => {
  const { status, body } = await app.ask('GET', 'peers?status=pending&q=lisbon&after=f81724.c91');
  expect(status).toBe(200);
  expect(body).toEqual({ as_of: NOW, position: 'f81724.c91', lag_ms: 3, warnings: [], data: [row] });
  expect(() => assertShape(ListAnswerOf(Peer), body)).not.toThrow();
  expect(asked).toEqual([
    {
      about: { table: 'peer_directory', status: 'pending', q: 'lisbon', limit: 50 },
      values: ['pending', '%lisbon%', null, null, 51],
    },
  ]);
});

it('has a next page when there is more than was asked for', async () => {
  rows = [row, { ...row, peer_id: 'peer-osaka' }, { ...row, peer_id: 'peer-quito' }];
  const first = await app.ask('GET', 'peers?limit=2');
  expect(first.body).toMatchObject({ data: [{ peer_id: 'peer-lisbon' }, { peer_id: 'peer-osaka' }], next_cursor: `${NOW}~peer-osaka` });
  rows = [{ ...row, peer_id: 'peer-quito' }];
  const { body } = await app.ask('GET', `peers?limit=2&cursor=${NOW}~peer-osaka`);
  expect(body).not.toHaveProperty('next_cursor');
  expect(asked[1]?.values).toEqual([null, null, NOW, 'peer-osaka', 3]);
});

it('makes the sentence when it answers, of the latest evaluation and the time that passed', async () => {
  const last_good_at = new Date(Date.now() - 3_600_000).toISOString() as Peer['last_good_at'];
  const details = { attempts: 4, said: 'It refuses connections.' };
  rows = [{ ...row, status: 'disconnected', reason: 'connect_refused', last_good_at, details }];
  const sentence = async (): Promise<string> => (await app.ask('GET', 'peers/peer-lisbon')).body.data.sentence;
  expect(await sentence()).toBe('No answer for 60 min, 4 attempts failed: It refuses connections.');
  evaluated = { at: NOW, status: 'disconnected', reason: 'connect_refused', details: { ...details, attempts: 60 }, evidence: ['t7'] };
  expect(await sentence()).toBe('No answer for 60 min, 60 attempts failed: It refuses connections.');
  expect((await app.ask('GET', 'peers/peer-lisbon')).body.data.evidence).toEqual(['t7', 'f81724']);
  evaluated = null;
});

it('answers with one peer', async () => {
  const { status, body } = await app.ask('GET', 'peers/peer-lisbon?after=f81724');
  expect(status).toBe(200);
  expect(body).toMatchObject({ data: row, position: 'f81724' });
  expect(() => assertShape(AnswerOf(Peer), body)).not.toThrow();
  expect(asked).toEqual([{ about: { table: 'peer_directory', peer_id: 'peer-lisbon' }, values: ['peer-lisbon'] }]);
});

it('says no to a peer nobody registered', async () => {
  rows = [];
  expect(await app.ask('GET', 'peers/peer-quito')).toMatchObject({
    status: 404,
    body: { code: 'federation.peer-unknown', detail: 'No peer peer-quito is registered.' },
  });
});

it.each([
  ['limit', '9000'],
  ['limit', '0'],
  ['limit', 'ten'],
  ['after', '81724'],
  ['after', ''],
  ['status', 'gone'],
  ['q', 'x'.repeat(101)],
  ['cursor', 'peer-lisbon'],
  ['cursor', ''],
  ['sort', 'up'],
])('does not understand ?%s=%s', async (field, value) => {
  const { status, body } = await app.ask('GET', `peers?${field}=${value}`);
  expect([status, (body as Problem).code, (body as Problem).errors?.[0]?.field]).toEqual([400, 'http.invalid', field]);
});

it.each([
  ['peers/lisbon.*', 'peer_id'],
  ['peers/peer-lisbon?limit=1', 'limit'],
])('does not understand %s', async (path, field) => {
  expect(await app.ask('GET', path)).toMatchObject({ status: 400, body: { code: 'http.invalid', errors: [{ field }] } });
});

it('is described field by field', () => {
  const { paths, components } = SwaggerModule.createDocument(app.app, new DocumentBuilder().build());
  const peer = components?.schemas?.['Peer'] as { properties: object; required: string[] };
  expect(Object.keys(peer.properties).toSorted()).toEqual(Object.keys(row).toSorted());
  expect(peer.required.toSorted()).toEqual(Object.keys(row).toSorted()); // Some may be null; none is absent.
  const list = paths['/api/v1/infrastructure/peers']?.get;
  expect(list?.parameters?.map((parameter) => 'name' in parameter && parameter.name)).toEqual(['after', 'status', 'q', 'limit', 'cursor']);
  expect(JSON.stringify(list?.responses['200'])).toContain('"#/components/schemas/PeerListAnswer"');
});
