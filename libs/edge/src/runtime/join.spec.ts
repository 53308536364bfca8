import { request } from 'node:http';
import { Logger } from '@nestjs/common';
import { asId, newEvent } from '@app/kernel';
import { NOW, later } from '@app/kernel/testing';
import { EdgeProcess, eventually, newIdentity, token } from '../../testing/index.js';
import { type AgentEnrolled, JoinTokenIssued, type JoinTokenId } from '../events/index.js';
import { LIMITS } from '../tunnel.protocol.js';

const TOKEN = `cbj_${'a'.repeat(43)}`;
const OTHER = `cbj_${'d'.repeat(43)}`;
let edge: EdgeProcess;
beforeEach(async () => {
  edge = await new EdgeProcess().start();
  edge.vault.tokens.set(TOKEN, token.join_token_id);
});
afterEach(() => edge.stop());

const issue = (more: Partial<JoinTokenIssued> = {}): void =>
  edge.log.add(
    newEvent(JoinTokenIssued, { ...token, label: null, hostname_pattern: null, ephemeral: false, expires_at: later(30), ...more }),
  );
const identity = newIdentity('agent-x');
const ask = { token: TOKEN, public_key: identity.publicKey, hostname: 'edge-1', version: '0.1.0', os: 'linux' };
const join = async (body: unknown, path = '/edge/v1/join', method = 'POST', headers: Record<string, string> = {}) => {
  const answer = await fetch(
    edge.url + path,
    method === 'POST' ? { method, headers, body: typeof body === 'string' ? body : JSON.stringify(body) } : {},
  );
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    headers: answer.headers,
    body: (await answer.json()) as Record<string, unknown>,
  };
};
const enrolments = (): AgentEnrolled[] => edge.log.of('edge.agent.enrolled');

it('lets an agent in, by the key it brings, which may connect at once', async () => {
  issue({ label: 'Berlin, rack 4', ephemeral: true });
  const { status, body } = await join(ask);
  expect([status, body]).toEqual([201, { agent_id: expect.stringMatching(/^agent-[0-9a-f]{16}$/), server_time: NOW }]);
  expect(enrolments()).toMatchObject([
    {
      agent_id: body['agent_id'],
      label: 'Berlin, rack 4',
      hostname: 'edge-1',
      public_key: identity.publicKey,
      ephemeral: true,
      enrolled_by: 'test',
    },
  ]);
  expect(JSON.stringify(edge.log.facts)).not.toContain(TOKEN);
  await edge.agent({ ...identity, agentId: String(body['agent_id']) }).enter();
});

it('answers an agent when it is known to who would let it in, and not for ever later', async () => {
  issue();
  edge.log.isHeldBack = true;
  let answered = 0;
  const asking = join(ask).finally(() => answered++);
  await eventually('it is enrolled', () => enrolments().length === 1);
  await join(undefined, '/edge/v1/nothing', 'GET'); // Who came later is answered.
  expect(answered).toBe(0);
  edge.log.tell();
  const { body } = await asking;
  await edge.agent({ ...identity, agentId: String(body['agent_id']) }).enter();

  edge.vault.tokens.set(OTHER, 'join-other');
  edge.log.add(
    newEvent(JoinTokenIssued, { ...JoinTokenIssued.example, join_token_id: asId<JoinTokenId>('join-other'), hostname_pattern: null }),
  );
  const second = join({ ...ask, token: OTHER });
  await eventually('it is enrolled', () => enrolments().length === 2);
  await edge.clock.pass(2_000);
  expect((await second).status).toBe(201);
});

it('answers the same again when its answer got lost, and nobody else', async () => {
  issue();
  const first = await join(ask);
  expect(await join(ask)).toMatchObject({ status: 201, body: { agent_id: first.body['agent_id'] } });
  expect(await join({ ...ask, public_key: newIdentity('y').publicKey })).toMatchObject({ status: 422 });
  expect(enrolments()).toHaveLength(1);
});

it('of many that come with one token one gets in', async () => {
  issue();
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => join({ ...ask, public_key: newIdentity(`a-${i}`).publicKey })));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(enrolments()).toHaveLength(1);
});

it('says the same to every token that is not good', async () => {
  issue({ hostname_pattern: 'lisbon-*' });
  const elsewhere = await join(ask);
  const unknown = await join({ ...ask, token: `cbj_${'b'.repeat(43)}` });
  await edge.clock.pass(31 * 60_000);
  const expired = await join({ ...ask, hostname: 'lisbon-1' });
  expect(elsewhere).toMatchObject({ status: 422, type: 'application/problem+json', body: { code: 'edge.token-invalid' } });
  expect([unknown.body, expired.body]).toEqual([elsewhere.body, elsewhere.body]);
  expect(enrolments()).toEqual([]);
});

it('bounds the attempts of an address, and lets good ones through', async () => {
  issue();
  expect((await join(ask)).status).toBe(201);
  for (let i = 0; i < 10; i++) expect((await join({ ...ask, token: `cbj_${'c'.repeat(43)}` })).status).toBe(422);
  const { status, headers, body } = await join(ask);
  expect([status, body['code'], headers.get('retry-after')]).toEqual([429, 'edge.join-too-often', '60']);
  await edge.clock.pass(60_000);
  expect((await join(ask)).status).toBe(201);
});

it('counts the attempts of each client behind a proxy by itself', async () => {
  issue();
  const from = (address: string, token = ask.token) => join({ ...ask, token }, undefined, 'POST', { 'x-forwarded-for': address });
  for (let i = 0; i < 10; i++) expect((await from('192.0.2.1', OTHER)).status).toBe(422);
  expect((await from('192.0.2.1')).status).toBe(429);
  expect((await from('192.0.2.2')).status).toBe(201);
});

it.each([
  ['no JSON', 'token'],
  ['a key that is none', { ...ask, public_key: 'short' }],
  ['a key that is not written as it should be', { ...ask, public_key: `${'A'.repeat(42)}B` }],
  ['no host name', { ...ask, hostname: '' }],
  ['a host name with a line feed', { ...ask, hostname: 'a\nb' }],
])('does not understand %s', async (_name, body) => {
  expect(await join(body)).toMatchObject({ status: 400, body: { code: 'edge.join-malformed' } });
});

it('reads so much and no more', async () => {
  expect(await join('x'.repeat(LIMITS.joinBytes))).toMatchObject({ status: 400 });
  const sent = request(`${edge.url}/edge/v1/join`, { method: 'POST' });
  sent.on('error', () => undefined); // The connection is closed on what is too much.
  const status = new Promise((resolve) => sent.on('response', (response) => resolve(response.statusCode)));
  sent.write('x'.repeat(LIMITS.joinBytes + 1)); // And never ends.
  expect(await status).toBe(413);
  sent.destroy();
});

it('says that it cannot tell, when PostgreSQL or the log does not answer', async () => {
  issue();
  edge.vault.isDown = true;
  expect(await join(ask)).toMatchObject({ status: 503, body: { code: 'edge.join-unavailable' } });
  edge.vault.isDown = false;
  edge.log.isDown = true;
  expect(await join(ask)).toMatchObject({ status: 503, body: { code: 'event-store.unavailable' } });
});

it.each([
  ['/edge/v1/join', 405],
  ['/edge/v1/tunnel', 426],
  ['/edge/v1/nothing', 404],
])('GET %s is answered %i', async (path, status) => {
  expect(await join(undefined, path, 'GET')).toMatchObject({ status, type: 'application/problem+json' });
});

it('answers a bug with 500 and no word of it, and logs it', async () => {
  issue();
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const bug = new TypeError('secret words');
  edge.log.before = () => Promise.reject(bug);
  const { status, body } = await join(ask);
  expect([status, body['code'], JSON.stringify(body).includes('secret words')]).toEqual([500, 'edge.failed', false]);
  expect(logged).toHaveBeenCalledWith(bug);
  logged.mockRestore();
});

it('shows the instance key in the answer of a join and in each welcome', async () => {
  edge.instanceKey = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
  issue();
  const { body } = await join(ask);
  expect(body).toMatchObject({ instance_key: edge.instanceKey });
  const agent = edge.agent({ ...identity, agentId: String(body['agent_id']) });
  await agent.enter();
  expect(await agent.said('welcome')).toMatchObject({ instance_key: edge.instanceKey });
});
