import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { Problem } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import { registered } from '../../../../testing/index.js';
import { SuspendPeerController } from './suspend-peer.controller.js';

const log = new MemoryLog();
let app: TestApp;

beforeAll(async () => {
  app = await testAppOf([SuspendPeerController], [{ provide: CommandHandler, useValue: log }]);
  log.add(registered);
});
afterAll(() => app.close());

const ask = { note: 'key rotation', until: null };
const post = (peerId: string, body: unknown, headers?: Record<string, string>) => app.ask('POST', `peers/${peerId}/suspend`, body, headers);

it('answers with the position to read after', async () => {
  expect(await post('peer-lisbon', ask)).toMatchObject({ status: 202, body: { position: 'f2' } });
  expect(log.facts.at(-1)).toMatchObject({
    type: 'federation.peer.suspended',
    data: { peer_id: 'peer-lisbon', ...ask },
    actor: 'anonymous', // Nobody guards this door.
  });
});

it('is carried out once for one Idempotency-Key', async () => {
  const longer = { note: '', until: '2999-01-01T00:00:00.000Z' };
  const first = await post('peer-lisbon', longer, { 'idempotency-key': 'k1' });
  expect(await post('peer-lisbon', longer, { 'idempotency-key': 'k1' })).toMatchObject({ status: 202, body: first.body });
  expect(log.types).toEqual(['federation.peer.registered', 'federation.peer.suspended', 'federation.peer.suspended']);
});

it('says no with a code, a sentence and the next step', async () => {
  const { headers, body } = await post('peer-quito', ask);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(body).toEqual({
    type: 'urn:problem:federation.peer-unknown',
    title: 'Peer unknown',
    status: 404,
    code: 'federation.peer-unknown',
    detail: 'No peer peer-quito is registered.',
    next: 'List the peers to see which there are.',
    facts: { peer_id: 'peer-quito' },
  });
  expect(() => assertShape(Problem, body)).not.toThrow();
});

it('says no to an end in the past', async () => {
  const until = '2020-01-01T00:00:00.000Z';
  expect(await post('peer-lisbon', { note: '', until })).toMatchObject({
    status: 422,
    body: { code: 'federation.until-not-ahead', facts: { until } },
  });
});

it.each([
  ['a field nobody knows', 'peer-lisbon', { ...ask, force: true }, { field: 'force', message: 'property force should not exist' }],
  [
    'a missing end; null says open-ended',
    'peer-lisbon',
    { note: '' },
    { field: 'until', message: 'until must be an instant like 2026-02-01T12:00:00.000Z' },
  ],
  ['an id that cannot stand in a subject', 'lisbon.*', ask, { field: 'peer_id', message: 'peer_id must be 1 to 64 of A-Z a-z 0-9 _ -' }],
  ['a peer named twice', 'peer-lisbon', { ...ask, peer_id: 'peer-osaka' }, { field: 'peer_id', message: 'peer_id is said by the path' }],
])('does not understand %s', async (_name, peerId, body, error) => {
  const answer = await post(peerId, body);
  expect(answer).toMatchObject({ status: 400, body: { code: 'http.invalid', errors: [error] } });
  expect(() => assertShape(Problem, answer.body)).not.toThrow();
});

it('does not understand what is no JSON, and says so in the same form', async () => {
  const answer = await post('peer-lisbon', '{');
  expect(answer).toMatchObject({ status: 400, body: { code: expect.stringMatching(/^http\./) } });
  expect(() => assertShape(Problem, answer.body)).not.toThrow();
});

it('is described as it is taken: the peer in the path, the rest in the body', () => {
  const { paths, components } = SwaggerModule.createDocument(app.app, new DocumentBuilder().build());
  const operation = paths['/api/v1/infrastructure/peers/{peer_id}/suspend']?.post;
  expect(operation?.parameters).toMatchObject([
    { name: 'peer_id', in: 'path' },
    { name: 'Idempotency-Key', in: 'header' },
  ]);
  expect(JSON.stringify(operation?.requestBody)).toContain('"#/components/schemas/SuspendPeerBody"');
  expect(JSON.stringify(operation?.responses)).toContain('"#/components/schemas/Accepted"');
  const body = components?.schemas?.['SuspendPeerBody'] as { properties: object };
  expect(Object.keys(body.properties)).toEqual(['note', 'until']);
});
