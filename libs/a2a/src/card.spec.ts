import fc from 'fast-check';
import { CARD_BYTES, type CardRefused, type RewrittenCard, type Rewriting, interfaceKey, rewriteCard } from './card.js';

const BASE = 'https://here.example/a2a/peers/p/agents/travel/';
const rewriting: Rewriting = {
  readFrom: new URL('https://agents.example/travel/.well-known/agent-card.json'),
  base: BASE,
  allow: (url) => (url.origin === 'https://agents.example' ? url : { because: `${url.host} is another host` }),
};
const JSONRPC = 'https://agents.example/travel/a2a';
const REST = 'https://agents.example/travel/rest';
const proxyUrl = (url: string): string => `${BASE}i/${interfaceKey(url)}`;

const common = { name: 'Travel', description: '', version: '1', capabilities: { streaming: true }, skills: [{ id: 's', name: 's' }] };
const of = (url: string, protocolBinding: string, protocolVersion = '1.0') => ({ url, protocolBinding, protocolVersion, tenant: '' });
const current = {
  ...common,
  supportedInterfaces: [of(JSONRPC, 'JSONRPC'), of('agents.example:443', 'GRPC'), of(REST, 'HTTP+JSON'), of(JSONRPC, 'JSONRPC', '0.3')],
  securitySchemes: { key: { apiKeySecurityScheme: { name: 'k', location: 'header' } } },
  securityRequirements: [{ schemes: { key: { list: [] } } }],
  signatures: [{ protected: 'x', signature: 'y' }],
};
const legacy = {
  ...common,
  ...{ url: JSONRPC, preferredTransport: 'JSONRPC', protocolVersion: '0.3.0' },
  additionalInterfaces: [
    { url: REST, transport: 'HTTP+JSON' },
    { url: 'grpc://agents.example', transport: 'GRPC' },
  ],
  securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'k' } },
  security: [{ key: [] }],
};

const rewrite = (card: unknown, how = rewriting): RewrittenCard | CardRefused =>
  rewriteCard(Buffer.from(typeof card === 'string' ? card : JSON.stringify(card)), how);
function rewritten(card: unknown): Record<string, unknown> {
  const outcome = rewrite(card);
  if ('refused' in outcome) throw new Error(outcome.because);
  return JSON.parse(outcome.body.toString()) as Record<string, unknown>;
}

describe('a card of 1.0', () => {
  const card = rewritten(current);

  it('leads through us, without gRPC', () =>
    expect(card['supportedInterfaces']).toEqual([
      of(proxyUrl(JSONRPC), 'JSONRPC'),
      of(proxyUrl(REST), 'HTTP+JSON'),
      of(proxyUrl(JSONRPC), 'JSONRPC', '0.3'),
    ]));
  it('asks for our token instead of its own key', () => {
    expect(card['securitySchemes']).toEqual({
      clawbutler: { httpAuthSecurityScheme: { scheme: 'bearer', description: expect.any(String) } },
    });
    expect(card['securityRequirements']).toEqual([{ schemes: { clawbutler: { list: [] } } }]);
  });
  it('is not signed, since it is another than was signed', () => expect(card).not.toHaveProperty('signatures'));
  it('says all else as it was', () => expect(card).toMatchObject(common));
  it('is remembered by what stands for each interface', () =>
    expect(rewrite(current)).toMatchObject({
      interfaces: new Map([
        [interfaceKey(JSONRPC), JSONRPC],
        [interfaceKey(REST), REST],
      ]),
    }));
  it('may give its interfaces relative to itself', () =>
    expect(rewritten({ ...common, supportedInterfaces: [of('/travel/a2a', 'jsonrpc')] })['supportedInterfaces']).toEqual([
      of(proxyUrl(JSONRPC), 'jsonrpc'),
    ]));
  it('leaves no security of skills behind', () =>
    expect(rewritten({ ...current, skills: [{ id: 's', securityRequirements: [{}], security: [{}] }] })['skills']).toEqual([{ id: 's' }]));
});

describe('a card of 0.3', () => {
  const card = rewritten(legacy);

  it('leads through us, without gRPC', () =>
    expect(card).toMatchObject({
      ...{ url: proxyUrl(JSONRPC), preferredTransport: 'JSONRPC', protocolVersion: '0.3.0' },
      additionalInterfaces: [{ url: proxyUrl(REST), transport: 'HTTP+JSON' }],
    }));
  it('asks for our token instead of its own key', () =>
    expect(card).toMatchObject({ securitySchemes: { clawbutler: { type: 'http', scheme: 'bearer' } }, security: [{ clawbutler: [] }] }));
  it('prefers another interface where it preferred gRPC', () =>
    expect(rewritten({ ...legacy, url: 'grpc://agents.example', preferredTransport: 'GRPC' })).toMatchObject({
      ...{ url: proxyUrl(REST), preferredTransport: 'HTTP+JSON', additionalInterfaces: [] },
    }));
  it('speaks JSON-RPC where it does not say', () =>
    expect(rewritten({ ...common, url: JSONRPC })).toMatchObject({ url: proxyUrl(JSONRPC), preferredTransport: 'JSONRPC' }));
  it('may be one of 1.0 as well', () =>
    expect(rewritten({ ...legacy, supportedInterfaces: current.supportedInterfaces })).toMatchObject({
      url: proxyUrl(JSONRPC),
      supportedInterfaces: [{ url: proxyUrl(JSONRPC) }, { url: proxyUrl(REST) }, { url: proxyUrl(JSONRPC) }],
    }));
});

describe('an interface that may not be reached', () => {
  const elsewhere = of('http://169.254.169.254/', 'HTTP+JSON');

  it('is left out and named, and the others stay', () => {
    const outcome = rewrite({ ...current, supportedInterfaces: [elsewhere, of(JSONRPC, 'JSONRPC'), of('agents.example:443', 'GRPC')] });
    const { body, listed } = outcome as RewrittenCard;
    expect(JSON.parse(body.toString())).toMatchObject({ supportedInterfaces: [of(proxyUrl(JSONRPC), 'JSONRPC')] });
    expect(listed).toMatchObject([
      { url: elsewhere.url, binding: 'HTTP+JSON', because: expect.any(String) },
      { url: JSONRPC, binding: 'JSONRPC', because: null },
      { url: 'agents.example:443', binding: 'GRPC', because: expect.stringContaining('binding') },
    ]);
  });

  it('does not take those of another version of A2A with it', () => {
    const card = { ...legacy, url: '//elsewhere.example', additionalInterfaces: [], supportedInterfaces: [of(JSONRPC, 'JSONRPC')] };
    const outcome = rewrite(card) as RewrittenCard;
    const passed = JSON.parse(outcome.body.toString()) as object;
    expect(passed).toMatchObject({ supportedInterfaces: [of(proxyUrl(JSONRPC), 'JSONRPC')] });
    expect(passed).not.toHaveProperty('url');
  });

  it('makes the card useless when none is left, and the first of the reasons is said', () => {
    const outcome = rewrite({ ...current, supportedInterfaces: [elsewhere] });
    const because = 'none of its interfaces may be reached, the first since 169.254.169.254 is another host';
    expect(outcome).toEqual({ refused: 'no-interface', because, listed: [expect.objectContaining({ url: elsewhere.url })] });
  });
});

it('gives the same card the same ETag, and another another', () => {
  const etag = (card: object) => (rewrite(card) as RewrittenCard).etag;
  expect(etag(current)).toMatch(/^"[\w-]{22}"$/);
  expect(etag(current)).toBe(etag(structuredClone(current)));
  expect(etag(current)).not.toBe(etag({ ...current, version: '2' }));
});

describe('a hostile card is refused', () => {
  it.each([
    ['too-large', JSON.stringify({ ...current, description: 'x'.repeat(CARD_BYTES) })],
    ['not-json', '<html>'],
    ['not-json', ''],
    ['wrong-type', 'null'],
    ['wrong-type', '[]'],
    ['wrong-type', `{"url":"${JSONRPC}","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['wrong-type', JSON.stringify({ ...current, supportedInterfaces: {} })],
    ['wrong-type', JSON.stringify({ ...current, supportedInterfaces: [null] })],
    ['wrong-type', JSON.stringify({ ...current, supportedInterfaces: [{ url: JSONRPC }] })],
    ['wrong-type', JSON.stringify({ ...current, supportedInterfaces: [{ url: 7, protocolBinding: 'JSONRPC' }] })],
    ['wrong-type', JSON.stringify({ ...current, supportedInterfaces: Array(33).fill(of(JSONRPC, 'JSONRPC')) })],
    ['wrong-type', JSON.stringify({ ...current, skills: 'all' })],
    ['wrong-type', JSON.stringify({ ...legacy, url: {} })],
    ['wrong-type', JSON.stringify({ ...legacy, additionalInterfaces: [7] })],
    ['no-interface', JSON.stringify({ ...current, supportedInterfaces: [of('https://elsewhere.example/', 'JSONRPC')] })],
    ['no-interface', JSON.stringify({ ...current, supportedInterfaces: [of('https://', 'JSONRPC')] })],
    ['no-interface', JSON.stringify({ ...common, url: '//elsewhere.example', preferredTransport: 'JSONRPC' })],
    ['no-interface', '{}'],
    ['no-interface', JSON.stringify({ ...current, supportedInterfaces: [] })],
    ['no-interface', JSON.stringify({ ...current, supportedInterfaces: [of('agents.example:443', 'GRPC')] })],
    ['no-interface', JSON.stringify({ ...common, url: 'x:1', preferredTransport: 'GRPC' })],
  ])('%s', (refused, card) => expect(rewrite(card)).toEqual({ refused, because: expect.any(String), listed: expect.any(Array) }));

  /** Anything in the place of anything. */
  const broken = fc
    .record(
      Object.fromEntries(
        [...Object.keys({ ...current, ...legacy }), '__proto__', 'toJSON'].map((name) => [
          name,
          fc.option(fc.jsonValue(), { nil: undefined }),
        ]),
      ),
      { requiredKeys: [] },
    )
    .chain((noise) => fc.constantFrom(current, legacy, {}).map((card) => ({ ...card, ...noise })));

  it('as a value, and never throws; nothing that passes leads anywhere but through us', () => {
    fc.assert(
      fc.property(broken, (card) => {
        const outcome = rewrite(card);
        if ('refused' in outcome) return;
        const passed = JSON.parse(outcome.body.toString()) as typeof current & typeof legacy;
        const urls = [passed.url, ...(passed.supportedInterfaces ?? []), ...(passed.additionalInterfaces ?? [])];
        for (const each of urls) if (each !== undefined) expect(typeof each === 'string' ? each : each.url).toMatch(`${BASE}i/`);
        for (const real of outcome.interfaces.values()) expect(real).toMatch(/^https:\/\/agents\.example\//);
      }),
      { numRuns: 500 },
    );
  });

  it('whatever its bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => expect(rewriteCard(Buffer.from(bytes), rewriting)).toHaveProperty('refused')));
  });
});
