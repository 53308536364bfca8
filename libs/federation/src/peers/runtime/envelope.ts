import { type KeyObject, createHmac, createSecretKey, hash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** What is signed first, so that no text signed for another purpose or under another version can pass for it. */
const SCHEME = 'cb-fed-v1';
/** How far the clocks of two instances may be apart, s. */
export const SKEW_S = 300;
/** Instances that a call may have passed through before it is here, the sender included. */
export const MAX_HOPS = 3;

/** The headers of the envelope. Whoever forwards strips them all: `isEnvelopeHeader`. */
const PREFIX = 'x-cb-';
export const isEnvelopeHeader = (name: string): boolean => name.toLowerCase().startsWith(PREFIX);

/** One live secret and what it is called on both sides: its fingerprint. */
export interface EnvelopeKey {
  readonly key_id: string;
  readonly secret: string;
}

/** What both ends know of a request without its headers. */
interface Message {
  readonly method: string;
  /** Host, and port unless it is the default one, as `URL.host` writes it: of the registered URL here, of PUBLIC_URL there. */
  readonly authority: string;
  /** With its query. */
  readonly path: string;
  readonly body: Buffer;
  readonly now: Date;
}

export interface RequestToSign extends Message, EnvelopeKey {
  /** Instance ids. */
  readonly from: string;
  readonly to: string;
  /** Names the call on both sides. */
  readonly call?: string;
  /** Who called, opaque to the other side. */
  readonly caller?: string;
  /** The instances it passed through before this one, which is added here. */
  readonly via?: readonly string[];
  /** Left out, a new one. */
  readonly nonce?: string;
}

export interface RequestToVerify extends Message {
  readonly keys: readonly EnvelopeKey[];
  /** Other authorities that this side accepts, as `authority`. */
  readonly aliases?: readonly string[];
  /** The instance id of this side. */
  readonly me: string;
  readonly headers: Headers;
}
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Why a request is not what it says. Never said on the wire. */
export type EnvelopeDenied = 'not-signed' | 'malformed' | 'timestamp' | 'signature';
/** Why a request that is what it says goes no further. */
export type Lost = 'loop' | 'hops';

/** A request as its signature bears it out. Whether it is the first of its nonce is for the caller to see to. */
export interface Verified {
  readonly from: string;
  readonly nonce: string;
  readonly call: string | null;
  readonly caller: string | null;
  /** The instances it passed through, the sender last. */
  readonly via: readonly string[];
  readonly key_id: string;
}

/** It is the peer's, and went astray before it came here. */
export interface Strayed {
  readonly lost: Lost;
  readonly verified: Verified;
}

/** The `x-cb-*` headers of a request. Throws `RangeError` on what could not be read again on the other side. */
export function signRequest(request: RequestToSign): Record<string, string> {
  const { from, to, call = '', caller = '', via = [], nonce = randomBytes(18).toString('base64url'), now, key_id } = request;
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const fields = { peer: from, timestamp, nonce, key: key_id, call, caller, via: [...via, from].join(',') };
  const headers = Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === '' ? [] : [[PREFIX + name, value]])));
  const signature = signatureOf(request.secret, from, to, canonical(request, { ...fields, to }));
  const signed = { ...headers, [`${PREFIX}signature`]: signature };
  if (fieldsOf(signed) === undefined) throw new RangeError(`no envelope can carry ${JSON.stringify({ from, call, caller, via })}`);
  return signed;
}

/**
 * Whether a request was signed for us, with one of the keys of the peer it names, within the last minutes. Compares in constant
 * time, and with every key. The loop guard is the last check, so that only a peer learns of it.
 */
export function verifyRequest(request: RequestToVerify): Verified | Strayed | { readonly denied: EnvelopeDenied } {
  const { headers, now, me, authority, aliases = [] } = request;
  const fields = legible(headers, now);
  if (typeof fields === 'string') return { denied: fields };
  const { peer: from, nonce, call, caller } = fields;
  const [signed] = signedWith(request, fields, [authority, ...aliases]);
  if (signed === undefined) return { denied: 'signature' };
  const { key } = signed;
  const via = fields.via === '' ? [] : fields.via.split(',');
  const verified = { from, nonce, call: call === '' ? null : call, caller: caller === '' ? null : caller, via, key_id: key.key_id };
  if (via.includes(me)) return { lost: 'loop', verified };
  return via.length > MAX_HOPS ? { lost: 'hops', verified } : verified;
}

/** The first of these authorities that a request was signed for, whatever its time; undefined: none, or not with these keys. */
export function signedAuthority(request: RequestToVerify, authorities: readonly string[]): string | undefined {
  const fields = fieldsOf(request.headers);
  return fields === undefined ? undefined : signedWith(request, fields, authorities)[0]?.authority;
}

/** Tries every authority with every key, so that the time it takes says nothing of which one it was. */
function signedWith(request: RequestToVerify, fields: Record<Field, string>, authorities: readonly string[]) {
  const { keys, me, body } = request;
  const bodyDigest = digest(body);
  return authorities.flatMap((authority) => {
    const text = canonical({ ...request, authority }, { ...fields, to: me }, bodyDigest);
    return keys
      .filter(({ secret }) => isSigned(fields.signature, signatureOf(secret, fields.peer, me, text)))
      .map((key) => ({ key, authority }));
  });
}

/**
 * Why no body could make this request one that is let in; null: read it. It is asked of the headers and the time alone: who is a peer and
 * who is not has no part in it, and so cannot be told from it.
 */
export function deniedUnread(headers: Headers, now: Date): Illegible | null {
  const fields = legible(headers, now);
  return typeof fields === 'string' ? fields : null;
}

/** When a request says that it was signed, ms since 1970; NaN: it does not say. */
export const signedAtMs = (headers: Headers): number => Number(headers[`${PREFIX}timestamp`] ?? NaN) * 1_000;

type Illegible = Extract<EnvelopeDenied, 'not-signed' | 'malformed' | 'timestamp'>;

function legible(headers: Headers, now: Date): Record<Field, string> | Illegible {
  if (headers[`${PREFIX}signature`] === undefined) return 'not-signed';
  const fields = fieldsOf(headers);
  if (fields === undefined) return 'malformed';
  return isWithinSkew(headers, now) ? fields : 'timestamp';
}

export const isWithinSkew = (headers: Headers, now: Date): boolean =>
  Math.abs(Math.floor(now.getTime() / 1000) - Number(headers[`${PREFIX}timestamp`])) <= SKEW_S;

export interface AnswerToSign extends EnvelopeKey {
  /** Who answers, and to whom: instance ids. */
  readonly from: string;
  readonly to: string;
  /** Of the request: an answer is good for that one only, so that no earlier one can pass for it. */
  readonly nonce: string;
  readonly status: number;
  readonly body: Buffer;
}

/** The headers of an answer that the asker must be able to believe. */
export const signAnswer = (answer: AnswerToSign): Record<string, string> => ({
  [`${PREFIX}key`]: answer.key_id,
  [`${PREFIX}signature`]: signatureOf(answer.secret, answer.from, answer.to, canonicalAnswer(answer)),
});

export interface AnswerToVerify extends Omit<AnswerToSign, keyof EnvelopeKey> {
  readonly keys: readonly EnvelopeKey[];
  readonly headers: Headers;
}

/** Whether an answer is of the peer that was asked, and to this question. */
export function verifyAnswer({ keys, headers, ...answer }: AnswerToVerify): boolean {
  const signature = headers[`${PREFIX}signature`];
  if (typeof signature !== 'string' || !FIELDS.signature.test(signature)) return false;
  const text = canonicalAnswer(answer);
  return keys.filter(({ secret }) => isSigned(signature, signatureOf(secret, answer.from, answer.to, text))).length > 0;
}

/** What each header may hold: none has room for a line break, which separates them in the signed text, or for much else. */
const FIELDS = {
  peer: /^[A-Za-z0-9_-]{1,64}$/,
  timestamp: /^[1-9]\d{0,11}$/,
  nonce: /^[A-Za-z0-9_-]{22,64}$/,
  key: /^[A-Za-z0-9_-]{1,64}$/,
  call: /^(?:[A-Za-z0-9_-]{1,64})?$/,
  caller: /^(?:[A-Za-z0-9._~:-]{1,128})?$/,
  via: /^(?:[A-Za-z0-9_-]{1,64}(?:,[A-Za-z0-9_-]{1,64}){0,7})?$/,
  signature: /^v1,[A-Za-z0-9_-]{43}(?: v1,[A-Za-z0-9_-]{43})?$/,
} as const;
type Field = keyof typeof FIELDS;

/** The headers as they are signed, absent ones as ''; undefined: one is not as it should be, or was sent twice. */
function fieldsOf(headers: Headers): Record<Field, string> | undefined {
  const fields = Object.entries(FIELDS).map(([name, form]) => {
    const value = headers[PREFIX + name] ?? '';
    return typeof value === 'string' && form.test(value) ? [name, value] : undefined;
  });
  return fields.includes(undefined) ? undefined : (Object.fromEntries(fields as [Field, string][]) as Record<Field, string>);
}

type Signed = Record<'peer' | 'timestamp' | 'nonce' | 'to' | 'call' | 'caller' | 'via', string>;

const canonical = (
  { method, authority, path, body }: Message,
  { timestamp, nonce, peer, to, call, caller, via }: Signed,
  bodyDigest = digest(body),
): string => [SCHEME, method.toUpperCase(), authority, path, timestamp, nonce, peer, to, call, caller, via, bodyDigest].join('\n');
const canonicalAnswer = ({ status, nonce, from, to, body }: Omit<AnswerToSign, keyof EnvelopeKey>): string =>
  [`${SCHEME}-answer`, String(status), nonce, from, to, digest(body)].join('\n');

const digest = (body: Buffer): string => hash('sha256', body, 'base64url');
const signatureOf = (secret: string, from: string, to: string, text: string): string =>
  `v1,${createHmac('sha256', keyOf(secret, from, to))
    .update(text)
    .digest('base64url')}`;

/** By the digest of a secret, then by direction; the oldest secret goes first. */
const keys = new Map<string, Map<string, KeyObject>>();
/** As many peers as may be busy at once. */
const MAX_SECRETS = 1_024;
/** Two are used of each secret; more are asked for only by who claims to be many, and gains nothing. */
const MAX_DIRECTIONS = 8;

/** One key for each direction: what we signed comes back as nobody's. Deriving one costs more than the rest of a signature. */
function keyOf(secret: string, from: string, to: string): KeyObject {
  const info = `${SCHEME}|${from}|${to}`;
  const digested = hash('sha256', secret);
  const known = keys.get(digested)?.get(info);
  if (known !== undefined) return known;
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, [from, to].sort().join('|'), info, 32)));
  remember(digested, info, key);
  return key;
}

function remember(digested: string, info: string, key: KeyObject): void {
  const ofSecret = keys.get(digested) ?? new Map<string, KeyObject>();
  if (ofSecret.size >= MAX_DIRECTIONS) ofSecret.clear();
  ofSecret.set(info, key);
  keys.set(digested, ofSecret);
  for (const oldest of keys.keys()) {
    if (keys.size <= MAX_SECRETS) break;
    keys.delete(oldest);
  }
}

/** Of several signatures, while a secret is being replaced, one must match. */
function isSigned(header: string, expected: string): boolean {
  const matches = header.split(' ').map((one) => timingSafeEqual(Buffer.from(one), Buffer.from(expected)));
  return matches.includes(true);
}
