import fc from 'fast-check';
import { poison } from '@app/event-store/testing';
import { anyText } from './any-text.js';
import { type WholeSystem, openWholeSystem } from './whole-system.js';

let system: WholeSystem;
beforeAll(async () => {
  system = await openWholeSystem();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => system.close());
/** No text that a test sent may stop a projection. */
afterEach(() => system.assertCaughtUp());

type Body = Readonly<Record<string, unknown>>;
let made = 0;
const peerToRegister = (): Body => ({ remote_peer_id: `inst-${++made}`, label: 'Lisbon', url: 'https://lisbon.example' });
const aPeer = async (): Promise<string> => (await system.ask('POST', 'peers', peerToRegister())).body.peer_id;
const aRoute = { direction: 'out', agent: 'planner', action: 'allow', note: 'a note' };

/** A good request to a writing endpoint, and where what it wrote is read; the answer's `position` is to be read after. */
interface Writing {
  readonly ask: () => Promise<{ readonly path: string; readonly body?: Body }>;
  /** The texts that it keeps, as they are read again. */
  readonly kept?: (asked: { readonly path: string; readonly body: Body }, answer: any) => Promise<Body>;
}
const idIn = (path: string): string => path.split('/')[1] ?? '';

/** By operation of the API's description; an operation that is missing here fails the test below. */
const WRITINGS: Readonly<Record<string, Writing>> = {
  closeSession: { ask: async () => ({ path: 'session' }) },
  openSession: { ask: async () => ({ path: 'session', body: { code: 'cb_login_1' } }) },
  issueToken: {
    ask: async () => ({ path: 'tokens', body: { name: 'nightly', role: 'viewer', expires_in_days: 1 } }),
    kept: async (_asked, { position, token_id }) => {
      const tokens = (await system.data(`tokens?limit=200&after=${position}`)) as { token_id: string; name: string }[];
      return { name: tokens.find((token) => token.token_id === token_id)?.name };
    },
  },
  rotateToken: { ask: async () => ({ path: 'tokens/no-such-token/rotate', body: { overlap_minutes: 0 } }) },
  revokeToken: { ask: async () => ({ path: 'tokens/no-such-token/revoke', body: {} }) },
  registerPeer: {
    ask: async () => ({ path: 'peers', body: { ...peerToRegister(), outbound_secret: 'correct horse battery staple' } }),
    kept: async (_asked, { position, peer_id }) => ({ label: (await system.data(`peers/${peer_id}?after=${position}`)).label }),
  },
  editPeer: {
    ask: async () => ({ path: `peers/${await aPeer()}`, body: { label: 'Porto' } }),
    kept: async ({ path }, { position }) => ({ label: (await system.data(`peers/${idIn(path)}?after=${position}`)).label }),
  },
  removePeer: { ask: async () => ({ path: `peers/${await aPeer()}` }) },
  pinPeerKey: {
    ask: async () => ({
      path: `peers/${await aPeer()}/pin`,
      body: { fingerprint: '21fe-31df-a154-a261-626b-f854-046f-d227' },
    }),
  },
  suspendPeer: {
    ask: async () => ({ path: `peers/${await aPeer()}/suspend`, body: { note: 'a note', until: null } }),
    kept: () => noteOf('federation.peer.suspended'),
  },
  resumePeer: { ask: async () => ({ path: `peers/${await aPeer()}/resume`, body: {} }) },
  testLink: {
    ask: async () => ({
      path: 'peers/test',
      body: { url: 'https://lisbon.example', remote_peer_id: 'inst-1', outbound_secret: 'correct horse battery staple' },
    }),
  },
  testPeer: { ask: async () => ({ path: `peers/${await aPeer()}/test` }) },
  retryPeer: { ask: async () => ({ path: `peers/${await aPeer()}/retry` }) },
  addRoute: {
    ask: async () => ({ path: 'routes', body: { ...aRoute, target_url: null, peer_id: null, before: null } }),
    kept: async (_asked, { position, rule_id }) => {
      const rules = (await system.data(`routes?after=${position}`)) as { rule_id: string; note: string }[];
      return { note: rules.find((rule) => rule.rule_id === rule_id)?.note };
    },
  },
  editRoute: {
    ask: async () => ({ path: `routes/${(await system.ask('POST', 'routes', aRoute)).body.rule_id}`, body: { note: 'another note' } }),
    kept: async ({ path }, { position }) => {
      const rules = (await system.data(`routes?after=${position}`)) as { rule_id: string; note: string }[];
      return { note: rules.find(({ rule_id }) => rule_id === idIn(path))?.note };
    },
  },
  moveRoute: { ask: async () => ({ path: 'routes/no-such-rule/move', body: { before: null } }) },
  removeRoute: { ask: async () => ({ path: 'routes/no-such-rule' }) },
  testRoute: {
    ask: async () => ({ path: 'routes/test', body: { direction: 'out', peer_id: 'peer-1', agent: 'planner', method: 'SendMessage' } }),
  },
  enrollEdgeAgent: {
    ask: async () => ({
      path: 'edge-agents/enroll',
      body: { label: 'Berlin', hostname_pattern: '*', gateway: 'http://gw', gateway_token_file: '/t' },
    }),
    kept: async () => {
      const [{ data: fact }] = await system.data('events?type=edge.join-token.issued&limit=1');
      return { label: fact.label };
    },
  },
  pingEdgeAgent: { ask: async () => ({ path: 'edge-agents/no-such-agent/ping' }) },
  revokeEdgeAgent: {
    ask: async () => ({ path: `edge-agents/${(await system.join()).identity.agentId}/revoke`, body: { note: 'a note' } }),
    kept: () => noteOf('edge.agent.revoked'),
  },
  archiveEdgeAgent: { ask: async () => ({ path: 'edge-agents/no-such-agent/archive', body: {} }) },
  unarchiveEdgeAgent: { ask: async () => ({ path: 'edge-agents/no-such-agent/unarchive', body: {} }) },
  releaseToken: { ask: async () => ({ path: 'tokens/no-such-token/release', body: {} }) },
  releasePeer: { ask: async () => ({ path: 'peers/no-such-peer/release', body: {} }) },
  releaseRoute: { ask: async () => ({ path: 'routes/no-such-rule/release', body: {} }) },
  releaseEdgeAgent: { ask: async () => ({ path: 'edge-agents/no-such-agent/release', body: {} }) },
  retryProjection: { ask: async () => ({ path: 'projections/peer_directory/retry', body: { unit: 'row', value: 'peer-1' } }) },
  rebuildProjection: { ask: async () => ({ path: 'projections/no_such_model/rebuild' }) },
  voidEvent: {
    ask: async () => {
      const position = `f${await poison(system.store, 'facts.test.foreign.text')}`;
      const { hash } = await system.data(`events/${position}`);
      return { path: 'projections/void', body: { position, hash, reason: 'a reason' } };
    },
    kept: async () => {
      const [{ data: fact }] = await system.data('events?type=log.event.voided&limit=1');
      return { reason: fact.reason };
    },
  },
};

/** The note of the newest fact of a type. */
async function noteOf(type: string): Promise<{ note: unknown }> {
  const [{ data: fact }] = await system.data(`events?type=${type}&limit=1`);
  return { note: fact.note };
}

const PREFIX = '/api/v1/infrastructure/';
interface Operation {
  readonly id: string;
  readonly method: string;
  /** Fields of its body that take text, by the description. */
  readonly texts: readonly string[];
}
interface Described {
  operationId?: string;
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
}
function writingOperations(): Operation[] {
  const { paths, components } = system.description;
  const methods = ['post', 'put', 'patch', 'delete'] as const;
  return Object.values(paths).flatMap((path) =>
    methods.flatMap((method) => {
      const operation = path[method] as Described | undefined;
      if (operation === undefined) return [];
      const schema = operation.requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1) ?? '';
      const { properties = {} } = (components?.schemas?.[schema] ?? {}) as {
        properties?: Record<string, { type: string; enum?: unknown }>;
      };
      const texts = Object.entries(properties).filter(([, { type, enum: some }]) => type === 'string' && some === undefined);
      return { id: operation.operationId ?? '', method: method.toUpperCase(), texts: texts.map(([field]) => field) };
    }),
  );
}
const writingOf = (id: string): Writing => {
  const writing = WRITINGS[id];
  if (writing === undefined)
    throw new Error(`${id} is a new writing endpoint: add a good request to WRITINGS, so that its texts are tested`);
  return writing;
};

describe('every writing endpoint', () => {
  it('takes the good request that WRITINGS holds for it', async () => {
    for (const { id, method } of writingOperations()) {
      if (id === 'closeSession') continue; // It would end the one all others use.
      const { path, body } = await writingOf(id).ask();
      const answer = await system.ask(method, path, body);
      expect([id, answer.status, answer.body]).not.toEqual([id, 400, expect.anything()]);
      expect([id, answer.status]).not.toEqual([id, 500]);
    }
  });

  it('answers 400 and names the field when a text has a NUL, a control or a lone surrogate', async () => {
    for (const { id, method, texts } of writingOperations())
      for (const field of texts)
        for (const bad of ['a\u0000b', 'x\ud800y', 'a\u001bb']) {
          const { path, body } = await writingOf(id).ask();
          const { status, body: problem } = await system.ask(method, path, { ...body, [field]: bad });
          const fields = (problem.errors ?? []).map((error: { field: string }) => error.field);
          expect([id, field, bad, status, fields]).toEqual([id, field, bad, 400, expect.arrayContaining([field])]);
        }
  }, 60_000);

  it('refuses a text or keeps it byte for byte', async () => {
    const all = writingOperations().flatMap(({ id, method, texts }) => texts.map((field) => ({ id, method, field })));
    const kept = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...all), anyText, async ({ id, method, field }, text) => {
        const { ask, kept: read } = writingOf(id);
        const { path, body } = await ask();
        const asked = { path, body: { ...body, [field]: text } };
        const answer = await system.ask(method, path, asked.body);
        if (answer.status >= 400) return expect([answer.status, answer.body.code]).not.toEqual([500, 'http.500']);
        const found = await read?.(asked, answer.body);
        if (found === undefined || !(field in found)) return undefined;
        kept.set(`${id} ${field}`, (kept.get(`${id} ${field}`) ?? 0) + 1);
        expect([text.isWellFormed(), found[field]]).toEqual([true, text]);
        return undefined;
      }),
      { numRuns: 250, endOnFailure: true },
    );
    expect([...kept.keys()].length).toBeGreaterThan(3);
  }, 60_000);
});

describe('every query', () => {
  it('answers 200, 400 or 404 for any text in its parameters', async () => {
    const { paths } = system.description;
    const queries = Object.entries(paths).flatMap(([path, { get }]) =>
      (get?.parameters ?? []).map((parameter) => ({ path: path.replace(PREFIX, ''), ...(parameter as { name: string; in: string }) })),
    );
    const asked = queries.filter(({ path, in: at }) => !path.startsWith('/') && path !== 'stream' && ['query', 'path'].includes(at));
    expect(asked.map(({ name }) => name)).toEqual(expect.arrayContaining(['q', 'actor', 'peer_id']));
    const spoilt = fc.oneof(anyText, fc.constantFrom('\0', 'a\0', '\u0000%')).map((text) => encodeURIComponent(text.toWellFormed()));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...asked), spoilt, async ({ path, name, in: at }, text) => {
        const filled = path.replaceAll(/\{(\w+)\}/g, (_match, param: string) => (at === 'path' && param === name ? text : 'no-such'));
        const { status } = await system.ask('GET', at === 'query' ? `${filled}?${name}=${text}` : filled);
        expect([200, 400, 404]).toContain(status);
      }),
      { numRuns: 150, endOnFailure: true },
    );
    expect((await system.ask('GET', 'peers?q=%00')).body).toMatchObject({ status: 400, errors: [{ field: 'q' }] });
    expect((await system.ask('GET', 'events?actor=%00')).body).toMatchObject({ status: 400, errors: [{ field: 'actor' }] });
  }, 60_000);
});
