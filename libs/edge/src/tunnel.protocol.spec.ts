import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import {
  CLOSE,
  type CloseReason,
  type Frame,
  type GatewayReport,
  LIMITS,
  closeText,
  helloText,
  parseFrame,
  parseJoin,
  readClose,
  signHello,
  verifyHello,
} from './tunnel.protocol.js';

const AT = '2026-02-01T12:00:00.000Z';
const gateway: GatewayReport = {
  name: 'http://127.0.0.1:18789',
  capability: 'probe',
  tier_limit: null,
  channels: [],
  state: 'ready',
  version: '2026.9.6',
  uptime_ms: 124_840,
  latency_ms: 1.5,
  sessions: 0,
  reason: null,
  sentence: 'Ready.',
};
const report = {
  seq: 1,
  sent_at: AT,
  desired_version: null,
  gateways: [gateway],
  host: { cpu_ratio: 0.5, mem_ratio: 1, disk_ratio: null },
  outbox: { depth: 0, capacity: 4, dropped: 0 },
};
/** One of each. */
const FRAMES: { [Type in Frame['type']]: Extract<Frame, { type: Type }> } = {
  challenge: { type: 'challenge', nonce: 'n'.repeat(22) },
  hello: {
    type: 'hello',
    agent_id: 'agent-1',
    instance_uid: '019a0000-0000-7000-8000-000000000000',
    boot_id: 'boot',
    last_seq_acked: 0,
    proto: { min: 1, max: 1 },
    version: '0.1.0',
    hostname: 'berlin-1',
    os: 'linux x64',
    started_at: AT,
    capabilities: ['http', 'probe'],
    signature: 's'.repeat(86),
  },
  welcome: { type: 'welcome', session_id: 's1', epoch: 3, heartbeat_s: 30, sync_s: 60, desired: { version: null }, server_time: AT },
  heartbeat: { type: 'heartbeat', seq: 1, sent_at: AT, rtt_ms: null, clock_offset_ms: -12.5 },
  heartbeat_ack: { type: 'heartbeat_ack', seq: 1, received_at: AT },
  report: { type: 'report', ...report },
  report_full: { type: 'report_full', ...report },
  cost: {
    type: 'cost',
    seq: 2,
    day: '2026-02-01',
    usd: 0.0411,
    tokens: 12_340,
    by_model: [{ model: 'mock/m1', usd: 0.0411, tokens: 12_340 }],
    by_agent: [
      { gateway: 'main', agent: 'clerk', usd: 0.03, tokens: 10_000 },
      { gateway: null, agent: 'other', usd: 0.0111, tokens: 2_340 },
    ],
    missing_cost_entries: 0,
    fresh: true,
  },
  ack: { type: 'ack', seq: 2, full: false },
  goodbye: { type: 'goodbye', reason: 'stop', expected_back_s: null },
  call: { type: 'call', id: 'c1', method: 'ping' },
  result: { type: 'result', id: 'c1', ok: true, sentence: 'pong' },
  error: { type: 'error', code: 'edge.late', sentence: 'Too late.' },
};
const ONE_OF_EACH = Object.values(FRAMES);
const parse = (frame: unknown): unknown => parseFrame(JSON.stringify(frame));

it.each(ONE_OF_EACH)('reads a $type as it was written', (frame) => expect(parse(frame)).toEqual(frame));

it('leaves out what it does not know, at every depth', () => {
  const more = {
    ...FRAMES.report,
    prompt: 'secret',
    gateways: [{ ...gateway, path: '/home/ada' }],
    host: { ...report.host, ip: '10.0.0.1' },
  };
  expect(parse(more)).toEqual(FRAMES.report);
});

it('reads a cost of an older agent, which tells no agents of its gateways', () =>
  expect(parse({ ...FRAMES.cost, by_agent: undefined })).toEqual({ ...FRAMES.cost, by_agent: [] }));

/** The field, and values one step outside what it may be. */
const OUTSIDE: readonly [Frame['type'], string, ...unknown[]][] = [
  ['challenge', 'nonce', 'n'.repeat(21), 'n'.repeat(129), `${'n'.repeat(22)}\n`, null],
  ['hello', 'agent_id', '', 'a'.repeat(65), 'a.b', 'a*', 'a\n', 7],
  ['hello', 'last_seq_acked', -1, 0.5, 2 ** 53, '1'],
  ['hello', 'proto', null, [], { min: 0, max: 1 }, { min: 1, max: 1000 }, { min: 1 }],
  ['hello', 'version', '', 'v'.repeat(65), 'v\u0000', 'v\u001b[31m', '\ud800'],
  ['hello', 'hostname', '', 'h'.repeat(254)],
  ['hello', 'started_at', '2026-02-30T12:00:00.000Z', '2026-02-01T24:00:00.000Z', '2026-02-01', 'now', `${AT} `],
  ['hello', 'capabilities', {}, ['a b'], Array.from({ length: 17 }, () => 'a')],
  ['hello', 'signature', 's'.repeat(85), 's'.repeat(87), '='.repeat(86)],
  ['welcome', 'heartbeat_s', 9, 301, 30.5, null],
  ['welcome', 'sync_s', 9, 3601],
  ['welcome', 'desired', null, {}, { version: '' }],
  ['heartbeat', 'seq', 0, -1, 1.5, null],
  ['heartbeat', 'rtt_ms', -1, 1e13, '5'],
  ['heartbeat', 'clock_offset_ms', -1e13, 1e13],
  ['heartbeat_ack', 'received_at', '', 0],
  ['report', 'seq', 0],
  ['report', 'gateways', {}, [null], [gateway, gateway], Array.from({ length: 33 }, (_, n) => ({ ...gateway, name: `${n}` }))],
  ['report', 'host', null, { cpu_ratio: 1.01, mem_ratio: 0, disk_ratio: 0 }, { cpu_ratio: 0, mem_ratio: -0.01, disk_ratio: 0 }],
  ['report', 'outbox', null, { depth: -1, capacity: 0, dropped: 0 }],
  ['report_full', 'desired_version', '', 'd'.repeat(65)],
  ['cost', 'day', '2026-02-29', '2026-2-1', AT],
  ['cost', 'usd', -0.01, 1e9 + 1, '0.04', null],
  ['cost', 'tokens', -1, 0.5],
  [
    'cost',
    'by_model',
    [
      { model: 'm', usd: 1, tokens: 1 },
      { model: 'm', usd: 2, tokens: 2 },
    ],
    [{ model: '', usd: 0, tokens: 0 }],
  ],
  [
    'cost',
    'by_agent',
    {},
    [{ gateway: '', agent: 'a', usd: 0, tokens: 0 }],
    [{ gateway: null, agent: 'a\nb', usd: 0, tokens: 0 }],
    Array.from({ length: LIMITS.agents + 1 }, (_, n) => ({ gateway: null, agent: `a${n}`, usd: 0, tokens: 0 })),
  ],
  ['cost', 'fresh', 1, 'true', null],
  ['ack', 'seq', -1],
  ['ack', 'full', 0],
  ['goodbye', 'reason', 'bored', '', null],
  ['goodbye', 'expected_back_s', -1, 3601, 0.5],
  ['call', 'method', '', 'm'.repeat(65)],
  ['result', 'ok', 'yes'],
  ['result', 'sentence', 's'.repeat(513)],
  ['error', 'code', ''],
];
it.each(OUTSIDE)('of a %s refuses a wrong %s', (type, field, ...values) => {
  for (const value of values)
    expect(parse({ ...FRAMES[type], [field]: value })).toEqual({ malformed: expect.stringMatching(`^${type}.${field}`) });
});

const WITHIN: readonly [Frame['type'], string, ...unknown[]][] = [
  ['hello', 'agent_id', 'a'.repeat(64)],
  ['hello', 'hostname', 'h'.repeat(253)],
  ['hello', 'last_seq_acked', 0, 2 ** 53 - 1],
  ['welcome', 'heartbeat_s', 10, 300],
  ['welcome', 'sync_s', 10, 3600],
  ['report', 'gateways', [], Array.from({ length: 32 }, (_, n) => ({ ...gateway, name: `${n}` }))],
  ['report', 'host', { cpu_ratio: 0, mem_ratio: 1, disk_ratio: null }],
  ['cost', 'day', '2028-02-29'],
  ['cost', 'usd', 0, 1e9],
  ['goodbye', 'expected_back_s', null, 0, 3600],
  ['result', 'sentence', '', 's'.repeat(512), 'Zürich: 日本語 🙂'],
];
it.each(WITHIN)('of a %s takes the %s at its bounds', (type, field, ...values) => {
  for (const value of values) expect(parse({ ...FRAMES[type], [field]: value })).toEqual({ ...FRAMES[type], [field]: value });
});

/** What agents of earlier releases do not send. */
const OPTIONAL: ReadonlySet<string> = new Set(['by_agent']);

it.each(ONE_OF_EACH)('misses each field of a $type, also one that only a prototype has', (frame) => {
  for (const name of Object.keys(frame).filter((field) => field !== 'type' && !OPTIONAL.has(field))) {
    const { [name as keyof Frame]: gone, ...rest } = frame;
    expect(gone).toBeDefined();
    expect(parse(rest)).toEqual({ malformed: expect.stringMatching(`^${frame.type}.${name} should be `) });
    expect(parseFrame(JSON.stringify(rest).replace(/\}$/, `,"__proto__":${JSON.stringify(frame)}}`))).toHaveProperty('malformed');
  }
});

it.each([
  '',
  'null',
  '[]',
  '7',
  '"hello"',
  '{}',
  '{"type":7}',
  '{"type":"toString"}',
  '{"type":"__proto__"}',
  '{"type":"ack","seq":1e999,"full":true}',
  '{'.repeat(10_000),
])('is not a frame: %.40s', (text) => expect(parseFrame(text)).toHaveProperty('malformed'));

it('takes a frame of exactly 1 MiB and none that is larger, counted in bytes', () => {
  const sized = (letter: string, bytes: number): string => {
    const bare = JSON.stringify({ ...FRAMES.ack, pad: '' });
    return JSON.stringify({ ...FRAMES.ack, pad: letter.repeat((bytes - bare.length) / Buffer.byteLength(letter)) });
  };
  const odd = JSON.stringify({ ...FRAMES.ack, pad: '' }).length % 2;
  expect(parseFrame(sized('x', LIMITS.frameBytes))).toEqual(FRAMES.ack);
  expect(parseFrame(sized('x', LIMITS.frameBytes + 1))).toHaveProperty('malformed');
  expect(parseFrame(sized('ü', LIMITS.frameBytes - odd))).toEqual(FRAMES.ack);
  expect(parseFrame(sized('ü', LIMITS.frameBytes - odd + 2))).toHaveProperty('malformed');
});

/** Copies of a value, each with `bad` at the end of another text in it. */
function spoilt(value: unknown, bad: string): unknown[] {
  if (typeof value === 'string') return [value + bad];
  if (typeof value !== 'object' || value === null) return [];
  const copy = (field: string, of: unknown): unknown =>
    Array.isArray(value) ? value.map((one, i) => (String(i) === field ? of : (one as unknown))) : { ...value, [field]: of };
  return Object.entries(value).flatMap(([field, one]) => spoilt(one, bad).map((of) => copy(field, of)));
}

it.each(ONE_OF_EACH)('takes no $type with a control or a lone surrogate in any of its texts', (frame) => {
  for (const bad of ['\0', '\u001b', '\u0085', '\u2028', '\ud800', '\udc00'])
    for (const wrong of spoilt(frame, bad)) expect([wrong, parse(wrong)]).toEqual([wrong, { malformed: expect.any(String) }]);
});

it('never throws, and what it reads it reads the same again', () => {
  const frame = fc
    .constantFrom(...ONE_OF_EACH)
    .chain((one) =>
      fc
        .dictionary(fc.constantFrom(...Object.keys(one), '__proto__'), fc.oneof(fc.jsonValue(), fc.constant(undefined)))
        .map((changes) => JSON.stringify({ ...one, ...changes })),
    );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), frame), (text) => {
      const read = parseFrame(text);
      if (!('malformed' in read)) expect(parse(read)).toEqual(read);
    }),
    { numRuns: 2000 },
  );
});

it('says what is wrong in words that hold nothing of it', () => {
  expect(parse({ ...FRAMES.result, sentence: `cbj_secret\n` })).toEqual({
    malformed: 'result.sentence should be plain text of 0 to 512 characters',
  });
  expect(
    parse({
      ...FRAMES.report,
      gateways: [
        { ...gateway, name: 'other' },
        { ...gateway, uptime_ms: 'x' },
      ],
    }),
  ).toEqual({
    malformed: 'report.gateways[1].uptime_ms should be a number 0 to 1000000000000',
  });
});

describe('a join', () => {
  const join = { token: `cbj_${'t'.repeat(43)}`, public_key: 'k'.repeat(43), hostname: 'berlin-1', version: '0.1.0', os: 'linux x64' };

  it('is read as it was written', () => expect(parseJoin(JSON.stringify({ ...join, more: 1 }))).toEqual(join));

  it.each([
    ['token', `cbj_${'t'.repeat(42)}`, `cbj-${'t'.repeat(43)}`, null],
    ['public_key', 'k'.repeat(42), 'k'.repeat(44)],
    ['hostname', '', 'h'.repeat(254), 'h\n'],
    ['version', ''],
    ['os', 'o'.repeat(129)],
  ])('has its bounds: %s', (field, ...values) => {
    for (const value of values)
      expect(parseJoin(JSON.stringify({ ...join, [field]: value }))).toEqual({ malformed: expect.stringMatching(`^join.${field}`) });
  });

  it.each(['', 'null', '[]', `{"pad":"${'x'.repeat(LIMITS.joinBytes)}"}`])('is none: %.20s', (text) =>
    expect(parseJoin(text)).toHaveProperty('malformed'),
  );
});

describe('the signature of a hello', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const known = (publicKey.export({ format: 'jwk' }) as { x: string }).x;
  const signed = { nonce: 'n1', agent_id: 'agent-1', boot_id: 'b1', authority: 'claw.example' };
  const signature = signHello(privateKey, signed);

  it('is over a text that names everything once', () => expect(helloText(signed)).toBe('cb-tunnel-v1\nn1\nagent-1\nb1\nclaw.example'));
  it('is verified', () => expect(verifyHello(known, signed, signature)).toBe(true));

  it.each(Object.keys(signed))('is not of another %s', (part) =>
    expect(verifyHello(known, { ...signed, [part]: 'other' }, signature)).toBe(false),
  );

  it.each([
    ['another key', (generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as { x: string }).x, signature],
    ['no key', 'k', signature],
    ['no signature', known, ''],
    ['another signature', known, 'A'.repeat(86)],
  ])('is not of %s', (_, key, of) => expect(verifyHello(key, signed, of)).toBe(false));
});

describe('a close', () => {
  const reasons = Object.keys(CLOSE) as CloseReason[];

  it.each(reasons)('%s is understood by its code, and says when to come back', (reason) => {
    const text = closeText(reason, 900_000);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMITS.closeReasonBytes);
    expect(readClose(CLOSE[reason].code, text)).toEqual({ reason, retryAfterMs: 900_000 });
    expect(readClose(CLOSE[reason].code, closeText(reason))).toEqual({ reason, retryAfterMs: null });
  });

  it('has a code of its own for each reason', () => expect(new Set(reasons.map((reason) => CLOSE[reason].code)).size).toBe(reasons.length));

  it.each([
    [1006, '', null, null],
    [1012, 'service restart', 'restart', null],
    [1012, 'null', 'restart', null],
    [1012, '{"retry_after_ms":-1}', 'restart', null],
    [1012, '{"retry_after_ms":900001}', 'restart', null],
    [1012, '{"retry_after_ms":0}', 'restart', 0],
  ])('of %i %s is taken for what it is', (code, text, reason, retryAfterMs) =>
    expect(readClose(code, text)).toEqual({ reason, retryAfterMs }),
  );

  it.each([
    [-5, 0],
    [1e9, 900_000],
    [1.6, 2],
  ])('keeps a wait of %d within bounds', (given, said) => expect(readClose(1012, closeText('restart', given)).retryAfterMs).toBe(said));
});

describe('a gateway in a report', () => {
  const channel = { name: 'telegram', connected: false, lifecycle: 'recovering', error: 'timeout', down_ms: 200_000 };
  const told = (more: object) => {
    const frame = parseFrame(JSON.stringify({ type: 'report', ...report, gateways: [{ ...gateway, ...more }] }));
    return 'malformed' in frame ? frame : (frame as Extract<Frame, { type: 'report' }>).gateways[0];
  };

  it('of an older agent has no channels, and nothing limits its tier', () => {
    expect(told({ channels: undefined, tier_limit: undefined })).toEqual({ ...gateway, channels: [], tier_limit: null });
  });
  it('of a newer agent is understood as far as its words are known', () => {
    expect(told({ tier_limit: 'a_new_word', channels: [{ ...channel, error: 'a_new_word', more: 1 }] })).toEqual({
      ...gateway,
      tier_limit: null,
      channels: [{ ...channel, error: 'other' }],
    });
  });
  it.each([
    [{ channels: [channel, channel] }],
    [{ channels: [{ ...channel, name: 'a\nb' }] }],
    [{ channels: [{ ...channel, error: 7 }] }],
    [{ channels: Array.from({ length: LIMITS.channels + 1 }, (_, n) => ({ ...channel, name: `c${n}` })) }],
    [{ tier_limit: 7 }],
  ])('is malformed with %j', (more) => expect(told(more)).toMatchObject({ malformed: expect.stringContaining('gateways[0]') }));
});
