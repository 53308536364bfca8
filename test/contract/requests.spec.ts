import { randomUUID } from 'node:crypto';
import type { Answered } from '@app/http/testing';
import { PeerToTry, SHOWN_KEY } from '../../libs/federation/src/peers/link.rpc.js';
import { poison } from '@app/event-store/testing';
import { type Schema, operationsOf, resolved, schemasOf } from './fuzz-description.js';
import { type WholeSystem, openWholeSystem } from './whole-system.js';

let system: WholeSystem;
beforeAll(async () => {
  system = await openWholeSystem();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => system.close());

/** What the process that speaks with peers would say of each. */
const PIN = { public_key: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', fingerprint: '21fe-31df-a154-a261-626b-f854-046f-d227' };
beforeAll(() => void system.store.rpc.answer(SHOWN_KEY, PeerToTry, async () => ({ key: PIN })));

type Body = Readonly<Record<string, unknown>>;
interface Request {
  readonly path: string;
  readonly body: Body;
  /** Sent under the same key, it is another request. */
  readonly other: Body;
}

let made = 0;
const peerToRegister = (): Body => ({ remote_peer_id: `inst-${++made}`, label: 'Lisbon', url: 'https://lisbon.example' });
const aPeer = async (): Promise<string> => (await system.ask('POST', 'peers', peerToRegister())).body.peer_id;
const aRoute = { direction: 'out', agent: 'planner', action: 'allow', note: 'a note' };
const aRule = async (): Promise<string> => (await system.ask('POST', 'routes', aRoute)).body.rule_id;
const anUnreadable = async (subject = 'facts.test.foreign.text') => {
  const position = `f${await poison(system.store, subject)}`;
  return { position, hash: (await system.data(`events/${position}`)).hash as string };
};

/** By operation: a request that writes a fact, and another body. An operation that takes a key and a body, and is missing here, fails the test below. */
const REQUESTS: Readonly<Record<string, () => Promise<Request>>> = {
  issueToken: async () => {
    const body = { name: 'nightly', role: 'viewer', expires_in_days: 1 };
    return { path: 'tokens', body, other: { ...body, role: 'admin' } };
  },
  registerPeer: async () => {
    const body = peerToRegister();
    return { path: 'peers', body, other: { ...body, label: 'Porto' } };
  },
  editPeer: async () => ({ path: `peers/${await aPeer()}`, body: { label: 'Porto' }, other: { label: 'Faro' } }),
  suspendPeer: async () => {
    const body = { note: 'a note', until: null };
    return { path: `peers/${await aPeer()}/suspend`, body, other: { ...body, note: 'another note' } };
  },
  addRoute: async () => ({ path: 'routes', body: aRoute, other: { ...aRoute, action: 'deny' } }),
  editRoute: async () => ({ path: `routes/${await aRule()}`, body: { note: 'another note' }, other: { note: 'a third note' } }),
  moveRoute: async () => {
    const [moved, before] = [await aRule(), await aRule()];
    return { path: `routes/${moved}/move`, body: { before: null }, other: { before } };
  },
  enrollEdgeAgent: async () => ({ path: 'edge-agents/enroll', body: { label: 'Berlin' }, other: { label: 'Berlin', ephemeral: true } }),
  rotateToken: async () => {
    const { token_id } = (await system.ask('POST', 'tokens', { name: 'old', role: 'viewer', expires_in_days: 1 })).body;
    return { path: `tokens/${token_id}/rotate`, body: { overlap_minutes: 0 }, other: { overlap_minutes: 60 } };
  },
  pinPeerKey: async () => {
    const fingerprint = PIN.fingerprint;
    return { path: `peers/${await aPeer()}/pin`, body: { fingerprint }, other: { fingerprint: fingerprint.replace(/^21fe/, 'ffff') } };
  },
  revokeEdgeAgent: async () => ({
    path: `edge-agents/${(await system.join()).identity.agentId}/revoke`,
    body: { note: 'a note' },
    other: { note: 'another note' },
  }),
  voidEvent: async () => {
    const body = { ...(await anUnreadable()), reason: 'a reason' };
    return { path: 'projections/void', body, other: { ...body, reason: 'another reason' } };
  },
};

/** They write no fact, so no answer of theirs stands for a request of before. */
const WITHOUT_KEY = new Set([
  ...['openSession', 'closeSession', 'testLink', 'testPeer', 'retryPeer', 'testRoute', 'pingEdgeAgent'],
  ...['retryProjection', 'rebuildProjection'],
]);

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly takesKey: boolean;
  readonly hasBody: boolean;
}
interface Described {
  readonly operationId?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly $ref?: string } }> };
}
function writingOperations(): Operation[] {
  const { paths, components } = system.description;
  return Object.values(paths).flatMap((path) =>
    (['post', 'put', 'patch', 'delete'] as const).flatMap((method) => {
      const operation = path[method] as Described | undefined;
      if (operation === undefined) return [];
      const schema = operation.requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1) ?? '';
      const { properties = {} } = (components?.schemas?.[schema] ?? {}) as { properties?: object };
      const takesKey = operation.parameters?.some(({ name, in: at }) => at === 'header' && name === 'Idempotency-Key') ?? false;
      const hasBody = Object.keys(properties).length > 0;
      return { id: operation.operationId ?? '', method: method.toUpperCase(), takesKey, hasBody };
    }),
  );
}

/** Every field of a body, as a body that holds null there. */
function nulled(body: Body, asked: Schema): Body[] {
  const schemas = schemasOf(system.description);
  return Object.entries(resolved(asked, schemas).properties ?? {}).flatMap(([name, schema]) => {
    const within = resolved(schema, schemas).properties === undefined ? [] : nulled({}, schema);
    return [{ ...body, [name]: null }, ...within.map((held) => ({ ...body, [name]: held }))];
  });
}

it('no field of a command is answered with a failure when it is null', async () => {
  const operations = operationsOf(system.description).filter(({ id, body }) => id in REQUESTS && body !== undefined);
  expect(operations.map(({ id }) => id).toSorted()).toEqual(Object.keys(REQUESTS).toSorted());
  for (const { id, method, body: schema = {} } of operations) {
    const { path, body } = await REQUESTS[id]!();
    for (const asked of nulled(body, schema)) {
      const { status } = await system.ask(method, path, asked);
      expect([id, asked, status, [202, 400, 404, 409, 422].includes(status)]).toEqual([id, asked, status, true]);
    }
  }
}, 60_000);

const newestFact = async (): Promise<string> => (await system.data('events?limit=1'))[0].position;
const askWith = (key: string, method: string, path: string, body: Body): Promise<Answered> =>
  system.ask(method, path, body, { ...system.admin, 'idempotency-key': key });
const reused = (answer: Answered): void => {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([422, expect.stringContaining('application/problem+json')]);
  expect(answer.body).toEqual({
    type: 'urn:problem:http.key-reused',
    title: 'Idempotency-Key already used',
    status: 422,
    code: 'http.key-reused',
    detail: expect.stringContaining('sent before with another request'),
    next: expect.stringContaining('a new Idempotency-Key'),
  });
};

describe('an Idempotency-Key', () => {
  it('is taken by every writing operation, apart from those that write no fact', () => {
    const without = writingOperations().filter(({ takesKey }) => !takesKey);
    expect(without.map(({ id }) => id).toSorted()).toEqual([...WITHOUT_KEY].toSorted());
  });

  it('is refused with another body by every operation that takes a body, and accepted with the same', async () => {
    const operations = writingOperations().filter(({ takesKey, hasBody }) => takesKey && hasBody);
    expect(operations.map(({ id }) => id).toSorted()).toEqual(Object.keys(REQUESTS).toSorted());
    for (const { id, method } of operations) {
      const { path, body, other } = await REQUESTS[id]!();
      const key = randomUUID();
      const first = await askWith(key, method, path, body);
      expect([id, first.status, first.body]).toEqual([id, 202, expect.objectContaining({ position: expect.any(String) })]);
      const newest = await newestFact();
      reused(await askWith(key, method, path, other));
      const again = await askWith(key, method, path, Object.fromEntries(Object.entries(body).toReversed()));
      expect([id, again.status, again.body.position]).toEqual([id, 202, first.body.position]);
      expect([id, await newestFact()]).toEqual([id, newest]);
    }
  }, 60_000);

  it('is refused with another query', async () => {
    const key = randomUUID();
    expect((await askWith(key, 'POST', 'routes', aRoute)).status).toBe(202);
    reused(await askWith(key, 'POST', 'routes?x=1', aRoute));
  });

  it('is refused for one of two requests that come at once, and the other is carried out', async () => {
    const key = randomUUID();
    const bodies = Array.from({ length: 6 }, (_, i) => ({ ...aRoute, note: `at once ${i % 2}` }));
    const answers = await Promise.all(bodies.map((body) => askWith(key, 'POST', 'routes', body)));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted).toHaveLength(3);
    expect(new Set(accepted.map(({ body }) => body.rule_id)).size).toBe(1);
    for (const answer of answers) if (answer.status !== 202) reused(answer);
  });

  it('is refused for a message other than the one that was voided with it', async () => {
    const key = randomUUID();
    const void_ = async (message: Body): Promise<Answered> =>
      askWith(key, 'POST', 'projections/void', { ...message, reason: 'published by hand' });
    expect((await void_(await anUnreadable())).status).toBe(202);
    const other = await anUnreadable();
    reused(await void_(other));
    expect(await system.data(`events/${other.position}`)).toMatchObject({ voided: false });
  });

  it('belongs to its path: on another one it is taken with another body', async () => {
    const key = randomUUID();
    for (const note of ['one', 'two'])
      expect((await askWith(key, 'POST', `peers/${await aPeer()}/suspend`, { note, until: null })).status).toBe(202);
  });

  it('leaves a mark with the fact that tells nothing of the request', async () => {
    const body = { ...peerToRegister(), outbound_secret: 'correct horse battery staple' };
    const [one, other] = [
      await askWith(randomUUID(), 'POST', 'peers', body),
      await askWith(randomUUID(), 'POST', 'peers', peerToRegister()),
    ];
    const headersAt = async ({ body: { position } }: Answered): Promise<string> => (await system.data(`events/${position}`)).headers;
    for (const headers of [await headersAt(one), await headersAt(other)]) {
      expect(headers).toMatch(/^cb-request: v1\.[\w-]{8}\.[\w-]{43}\r?$/m);
      expect(headers).not.toContain('correct horse');
    }
    const withoutKey = await system.ask('POST', 'peers', peerToRegister());
    expect(await headersAt(withoutKey)).not.toContain('cb-request');
  });
});
