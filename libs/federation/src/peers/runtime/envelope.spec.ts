import { randomBytes } from 'node:crypto';
import {
  type AnswerToSign,
  type RequestToSign,
  type RequestToVerify,
  SKEW_S,
  deniedUnread,
  isEnvelopeHeader,
  signAnswer,
  signRequest,
  verifyAnswer,
  verifyRequest,
} from './envelope.js';

const NOW = new Date('2026-02-01T12:00:00.000Z');
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
const KEY = { key_id: '5c1e-0b77-a9d2-43f0', secret: 'correct horse battery staple' };
const OTHER = { key_id: '0000-1111-2222-3333', secret: 'another secret altogether' };
const body = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"SendMessage"}');

/** A calls B, at the place B's operator gave A. */
const toSign: RequestToSign = {
  ...KEY,
  from: 'inst-a',
  to: 'inst-b',
  method: 'POST',
  authority: 'b.example:8443',
  path: '/federation/v1/a2a/cook/i/0?tenant=1',
  body,
  call: '01JK7Q4W5E6R7T8Y9U0P1A2S3D',
  caller: 'c-71f0',
  now: NOW,
};
const headers = signRequest(toSign);
/** How B reads it. */
const toVerify: RequestToVerify = {
  keys: [KEY],
  me: 'inst-b',
  headers,
  method: 'POST',
  authority: 'b.example:8443',
  path: '/federation/v1/a2a/cook/i/0?tenant=1',
  body,
  now: NOW,
};
const verified = (changes: Partial<RequestToVerify> = {}) => verifyRequest({ ...toVerify, ...changes });
const withHeader = (name: string, value: string | string[] | undefined) => ({ headers: { ...headers, [`x-cb-${name}`]: value } });

it('is understood by the one it is for', () => {
  expect(verified()).toEqual({
    from: 'inst-a',
    nonce: headers['x-cb-nonce'],
    call: '01JK7Q4W5E6R7T8Y9U0P1A2S3D',
    caller: 'c-71f0',
    via: ['inst-a'],
    key_id: KEY.key_id,
  });
});

it('is the same text for the same request, for ever: another release must be able to check it', () => {
  const nonce = 'AAAAAAAAAAAAAAAAAAAAAAAA';
  expect(signRequest({ ...toSign, nonce, via: ['inst-z'] })).toEqual({
    'x-cb-peer': 'inst-a',
    'x-cb-timestamp': '1769947200',
    'x-cb-nonce': nonce,
    'x-cb-key': KEY.key_id,
    'x-cb-call': '01JK7Q4W5E6R7T8Y9U0P1A2S3D',
    'x-cb-caller': 'c-71f0',
    'x-cb-via': 'inst-z,inst-a',
    'x-cb-signature': 'v1,tdfvIxB7EnovJIxJ-EQzD7uyTX_W0_XWPbiR5FkUpME',
  });
});

it('has a key for each direction, so that the other way is another text', () => {
  const { call: _call, caller: _caller, ...bare } = toSign;
  const back = signRequest({ ...bare, from: 'inst-b', to: 'inst-a', nonce: 'AAAAAAAAAAAAAAAAAAAAAAAA' });
  expect(back['x-cb-signature']).toBe('v1,NUftA9LHxAiSCoi36fs9aGzM5Fxq1C2c6qdU9XglWAs');
});

it('keeps the keys of all secrets and directions apart, however many there are, and forgets none for good', () => {
  const signed = (secret: string, to: string) => signRequest({ ...toSign, secret, to, nonce: 'A'.repeat(24) })['x-cb-signature'];
  const all = () => [
    ...Array.from({ length: 1_100 }, (_, n) => signed(`secret ${n}`, 'inst-b')),
    ...Array.from({ length: 20 }, (_, n) => signed(KEY.secret, `inst-${n}`)),
  ];
  const first = all();
  expect(new Set(first).size).toBe(first.length);
  expect(all()).toEqual(first);
});

it('never uses a nonce twice by itself', () => {
  const nonces = Array.from({ length: 100 }, () => signRequest(toSign)['x-cb-nonce']);
  expect(new Set(nonces).size).toBe(100);
});

it.each<[string, Partial<RequestToVerify>]>([
  ['another body', { body: Buffer.from('{"jsonrpc":"2.0","id":2,"method":"SendMessage"}') }],
  ['no body', { body: Buffer.alloc(0) }],
  ['another path', { path: '/federation/v1/a2a/thief/i/0?tenant=1' }],
  ['another query', { path: '/federation/v1/a2a/cook/i/0?tenant=2' }],
  ['no query', { path: '/federation/v1/a2a/cook/i/0' }],
  ['another method', { method: 'PUT' }],
  ['another place: relayed to a third instance that has the same peer and secret', { authority: 'c.example', me: 'inst-b' }],
  ['another instance at the same place', { me: 'inst-c' }],
  ['another secret', { keys: [OTHER] }],
  ['no secret', { keys: [] }],
  ['another sender', withHeader('peer', 'inst-c')],
  ['another nonce', withHeader('nonce', randomBytes(18).toString('base64url'))],
  ['another moment', withHeader('timestamp', '1769947201')],
  ['another call', withHeader('call', '01JK7Q4W5E6R7T8Y9U0P1A2S3E')],
  ['no call', withHeader('call', undefined)],
  ['another caller', withHeader('caller', 'c-71f1')],
  ['no caller', withHeader('caller', undefined)],
  ['another way', withHeader('via', 'inst-z')],
  ['no way', withHeader('via', undefined)],
  ['another signature', withHeader('signature', `v1,${'A'.repeat(43)}`)],
])('is refused with %s', (_what, changes) => expect(verified(changes)).toEqual({ denied: 'signature' }));

it('is refused when it comes back to whoever signed it', () => {
  // B held to be A: the ids are swapped, the secret and the place are the same.
  expect(verified({ me: 'inst-a', ...withHeader('peer', 'inst-b') })).toEqual({ denied: 'signature' });
  // Even where the receiver would read the ids as they stand: each direction has a key of its own.
  const reflected = signRequest({ ...toSign, from: 'inst-b', to: 'inst-a' });
  expect(verified({ headers: { ...reflected, 'x-cb-peer': 'inst-a' } })).toEqual({ denied: 'signature' });
});

it.each([
  [SKEW_S, true],
  [-SKEW_S, true],
  [SKEW_S + 1, false],
  [-SKEW_S - 1, false],
])('is read %i s later: %s', (seconds, isIn) => {
  expect(verified({ now: later(seconds) })).toEqual(isIn ? expect.objectContaining({ from: 'inst-a' }) : { denied: 'timestamp' });
});

it.each([
  ['loop', ['inst-b'], 'loop'],
  ['loop further back', ['inst-b', 'inst-z'], 'loop'],
  ['too long a way', ['inst-x', 'inst-y', 'inst-z'], 'hops'],
])('says no to a %s, and of whom it is', (_what, via, lost) => {
  const strayed = { lost, verified: expect.objectContaining({ from: 'inst-a', via: [...via, 'inst-a'] }) };
  expect(verified({ headers: signRequest({ ...toSign, via }) })).toEqual(strayed);
});

it('goes through three instances', () => {
  expect(verified({ headers: signRequest({ ...toSign, via: ['inst-y', 'inst-z'] }) })).toMatchObject({
    via: ['inst-y', 'inst-z', 'inst-a'],
  });
});

it('tells of a loop only whom it knows', () => {
  const looped = signRequest({ ...toSign, via: ['inst-b'] });
  expect(verified({ headers: looped, keys: [OTHER] })).toEqual({ denied: 'signature' });
});

it('takes any of the live keys, and says which it was', () => {
  expect(verified({ keys: [OTHER, KEY] })).toMatchObject({ key_id: KEY.key_id });
  const both = `${signRequest({ ...toSign, ...OTHER, nonce: String(headers['x-cb-nonce']) })['x-cb-signature']} ${headers['x-cb-signature']}`;
  expect(verified(withHeader('signature', both))).toMatchObject({ key_id: KEY.key_id });
});

it.each<[string, Parameters<typeof deniedUnread>, ReturnType<typeof deniedUnread>]>([
  ['nothing signed', [{}, NOW], 'not-signed'],
  ['no nonce', [withHeader('nonce', undefined).headers, NOW], 'malformed'],
  ['a clock that is behind', [headers, later(SKEW_S + 1)], 'timestamp'],
  ['a clock that is ahead', [headers, later(-SKEW_S - 1)], 'timestamp'],
  ['a clock that is near enough', [headers, later(SKEW_S)], null],
  ['the signature of somebody else', [signRequest({ ...toSign, ...OTHER }), NOW], null],
  ['a sender that nobody knows', [withHeader('peer', 'inst-nobody').headers, NOW], null],
])('before its body is read, of %s is said', (_what, asked, denied) => expect(deniedUnread(...asked)).toBe(denied));

describe('headers have a form and a bound', () => {
  it('is not signed without a signature', () => expect(verified(withHeader('signature', undefined))).toEqual({ denied: 'not-signed' }));

  it.each<[string, string | string[] | undefined]>([
    ['peer', undefined],
    ['peer', ''],
    ['peer', 'inst a'],
    ['peer', 'x'.repeat(65)],
    ['peer', ['inst-a', 'inst-a']],
    ['timestamp', undefined],
    ['timestamp', '1769947200.5'],
    ['timestamp', '-1'],
    ['timestamp', '1e9'],
    ['timestamp', '9'.repeat(13)],
    ['nonce', undefined],
    ['nonce', 'short'],
    ['nonce', 'A'.repeat(65)],
    ['nonce', `${'A'.repeat(24)}\n`],
    ['key', undefined],
    ['call', 'x'.repeat(65)],
    ['call', 'a/b'],
    ['caller', 'x'.repeat(129)],
    ['caller', 'a\nb'],
    ['via', ','],
    ['via', Array.from({ length: 9 }, (_, i) => `inst-${i}`).join(',')],
    ['signature', 'v2,' + 'A'.repeat(43)],
    ['signature', `v1,${'A'.repeat(44)}`],
    ['signature', `v1,${'A'.repeat(43)} v1,${'A'.repeat(43)} v1,${'A'.repeat(43)}`],
    ['signature', [`v1,${'A'.repeat(43)}`]],
  ])('x-cb-%s: %j', (name, value) => expect(verified(withHeader(name, value))).toEqual({ denied: 'malformed' }));

  it.each<Partial<RequestToSign>>([{ from: 'a b' }, { call: 'a\nb' }, { caller: 'ü' }, { via: ['a,b,'] }, { nonce: 'short' }])(
    'is not signed at all with %j',
    (changes) => expect(() => signRequest({ ...toSign, ...changes })).toThrow(RangeError),
  );

  it.each([
    ['x-cb-call', true],
    ['X-CB-Anything', true],
    ['x-cbx', false],
    ['traceparent', false],
  ])('%s is of the envelope: %s', (name, is) => expect(isEnvelopeHeader(name)).toBe(is));
});

describe('an answer', () => {
  const nonce = String(headers['x-cb-nonce']);
  const said = Buffer.from('{"your_status":"connected"}');
  const answer: AnswerToSign = { ...KEY, from: 'inst-b', to: 'inst-a', nonce, status: 200, body: said };
  const { key_id: _key, secret: _secret, ...read } = answer;
  const believed = (changes: Partial<Parameters<typeof verifyAnswer>[0]> = {}): boolean =>
    verifyAnswer({ ...read, keys: [KEY], headers: signAnswer(answer), ...changes });

  it('is believed by who asked', () => expect(believed()).toBe(true));

  it.each<[string, Parameters<typeof believed>[0]]>([
    ['to another question', { nonce: randomBytes(18).toString('base64url') }],
    ['with another body', { body: Buffer.from('{"your_status":"suspended"}') }],
    ['with another status', { status: 503 }],
    ['of another instance', { from: 'inst-c' }],
    ['to another instance', { to: 'inst-c' }],
    ['by another secret', { keys: [OTHER] }],
    ['without a signature', { headers: {} }],
    ['with a signature that has no form', { headers: { 'x-cb-signature': 'v1,short' } }],
    ['with the signature of the question', { headers }],
  ])('is not believed %s', (_what, changes) => expect(believed(changes)).toBe(false));
});
