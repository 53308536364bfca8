import { type KeyObject, createHash, createPublicKey, sign, verify } from 'node:crypto';
import {
  type Ack,
  type Call,
  type Challenge,
  type CloseCause,
  type ChannelReport,
  type CloseReason,
  type AgentCost,
  type Cost,
  type ErrorFrame,
  type Frame,
  type GatewayReport,
  type Goodbye,
  type Heartbeat,
  type HeartbeatAck,
  type Hello,
  type HostReport,
  type JoinRequest,
  type Malformed,
  type ModelCost,
  type OutboxReport,
  type ReportChanged,
  type ReportFull,
  type Result,
  type TierLimit,
  type Welcome,
  CAPABILITIES,
  CHANNEL_ERRORS,
  CLOSE,
  CLOSE_CAUSES,
  GATEWAY_REASONS,
  GATEWAY_STATES,
  GOODBYE_REASONS,
  LIMITS,
  TIER_LIMITS,
} from './tunnel.frames.js';
import {
  type Read,
  Wrong,
  amount,
  bool,
  date,
  instant,
  like,
  list,
  nullOr,
  object,
  oneOf,
  optional,
  oneOfOr,
  orAbsent,
  whole,
  words,
} from './tunnel.reader.js';

/** All that the two ends of a tunnel have to agree on; each imports this file and nothing else of the other. */
export * from './tunnel.frames.js';
/** What either end reports of the world outside becomes valid by this before it is sent. */
export { plainText } from '../../kernel/src/plain-text.js';

const MAX_MS = 1e12;
const count = whole(0, Number.MAX_SAFE_INTEGER);
const seq = whole(1, Number.MAX_SAFE_INTEGER);
const address = optional(like(/^https?:\/\/[^\s\p{Cc}]{1,2040}$/iu, 'an http or https address'));
const ms = nullOr(amount(0, MAX_MS));
const ratio = nullOr(amount(0, 1));
const id = like(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, dashes and underscores, 64 at most');
const sentence = words(0, 512);
const base64url = (chars: number): Read<string> => like(new RegExp(`^[A-Za-z0-9_-]{${chars}}$`), `${chars} characters of base64url`);

const channel = object<ChannelReport>({
  name: words(1, 48),
  connected: nullOr(bool),
  lifecycle: nullOr(words(1, 48)),
  error: nullOr(oneOfOr(CHANNEL_ERRORS, 'other')),
  down_ms: ms,
});
const gateway = object<GatewayReport>({
  name: words(1, LIMITS.gatewayNameChars),
  capability: oneOf(CAPABILITIES),
  tier_limit: orAbsent(nullOr(oneOfOr(Object.keys(TIER_LIMITS) as TierLimit[], null)), null),
  channels: orAbsent(list(channel, LIMITS.channels, 'name'), []),
  state: oneOf(GATEWAY_STATES),
  version: nullOr(words(1, 64)),
  uptime_ms: ms,
  latency_ms: ms,
  sessions: nullOr(count),
  reason: nullOr(oneOf(GATEWAY_REASONS)),
  sentence,
});
const agentCost = object<AgentCost>({
  gateway: nullOr(words(1, LIMITS.gatewayNameChars)),
  agent: words(1, 64),
  usd: amount(0, LIMITS.usd),
  tokens: count,
});
const report = {
  seq,
  sent_at: instant,
  desired_version: nullOr(words(1, 64)),
  gateways: list(gateway, LIMITS.gateways, 'name'),
  host: object<HostReport>({ cpu_ratio: ratio, mem_ratio: ratio, disk_ratio: ratio }),
  outbox: object<OutboxReport>({ depth: count, capacity: count, dropped: count }),
};

type FrameOf<Type extends Frame['type']> = Extract<Frame, { type: Type }>;
const is = <const Type extends Frame['type']>(type: Type): Read<Type> => oneOf([type]);

const READ: { readonly [Type in Frame['type']]: Read<FrameOf<Type>> } = {
  challenge: object<Challenge>({ type: is('challenge'), nonce: like(/^[A-Za-z0-9_-]{22,128}$/, '22 to 128 characters of base64url') }),
  hello: object<Hello>({
    type: is('hello'),
    agent_id: id,
    instance_uid: id,
    boot_id: id,
    last_seq_acked: count,
    proto: object<Hello['proto']>({ min: whole(1, 999), max: whole(1, 999) }),
    version: words(1, 64),
    hostname: words(1, 253),
    os: words(1, 128),
    started_at: instant,
    capabilities: list(id, LIMITS.capabilities),
    address,
    signature: base64url(86),
  }),
  welcome: object<Welcome>({
    type: is('welcome'),
    session_id: id,
    epoch: count,
    heartbeat_s: whole(LIMITS.heartbeatMinS, LIMITS.heartbeatMaxS),
    sync_s: whole(LIMITS.syncMinS, LIMITS.syncMaxS),
    desired: object<Welcome['desired']>({ version: nullOr(words(1, 64)) }),
    server_time: instant,
    instance_key: optional(base64url(43)),
    capabilities: optional(list(id, LIMITS.capabilities)),
  }),
  heartbeat: object<Heartbeat>({
    type: is('heartbeat'),
    seq,
    sent_at: instant,
    rtt_ms: ms,
    clock_offset_ms: nullOr(amount(-MAX_MS, MAX_MS)),
  }),
  heartbeat_ack: object<HeartbeatAck>({ type: is('heartbeat_ack'), seq, received_at: instant }),
  report: object<ReportChanged>({ type: is('report'), ...report }),
  report_full: object<ReportFull>({ type: is('report_full'), ...report }),
  cost: object<Cost>({
    type: is('cost'),
    seq,
    day: date,
    usd: amount(0, LIMITS.usd),
    tokens: count,
    by_model: list(object<ModelCost>({ model: words(1, 128), usd: amount(0, LIMITS.usd), tokens: count }), LIMITS.models, 'model'),
    by_agent: orAbsent(list(agentCost, LIMITS.agents), []),
    missing_cost_entries: count,
    fresh: bool,
  }),
  ack: object<Ack>({ type: is('ack'), seq: count, full: bool }),
  goodbye: object<Goodbye>({
    type: is('goodbye'),
    reason: oneOf(GOODBYE_REASONS),
    expected_back_s: nullOr(whole(0, LIMITS.backMaxS)),
  }),
  call: object<Call>({ type: is('call'), id, method: words(1, 64) }),
  result: object<Result>({ type: is('result'), id, ok: bool, sentence }),
  error: object<ErrorFrame>({ type: is('error'), code: words(1, 64), sentence }),
};

/** One frame, with what is known of it and nothing else, or what is wrong with it in words that hold nothing of it. Does not throw. */
export function parseFrame(text: string): Frame | Malformed {
  if (!fits(text, LIMITS.frameBytes)) return { malformed: `a frame has ${LIMITS.frameBytes} bytes at most` };
  const frame = fromJson(text);
  const type = typeof frame === 'object' && frame !== null ? (frame as { type?: unknown }).type : undefined;
  if (typeof type !== 'string' || !Object.hasOwn(READ, type)) return { malformed: 'a frame is a JSON object of a known type' };
  const read = READ[type as Frame['type']](frame);
  return read instanceof Wrong ? { malformed: `${type}${read.at} should be ${read.why}` } : read;
}

const joinRequest = object<JoinRequest>({
  token: like(/^cbj_[A-Za-z0-9_-]{43}$/, 'a join token: cbj_ and 43 characters'),
  public_key: base64url(43),
  hostname: words(1, 253),
  version: words(1, 64),
  os: words(1, 128),
  address,
});

/** The body of a join, or what is wrong with it. Does not throw. */
export function parseJoin(text: string): JoinRequest | Malformed {
  if (!fits(text, LIMITS.joinBytes)) return { malformed: `a join has ${LIMITS.joinBytes} bytes at most` };
  const read = joinRequest(fromJson(text));
  return read instanceof Wrong ? { malformed: `join${read.at} should be ${read.why}` } : read;
}

/** Bytes are counted only where the number of characters leaves a doubt. */
const fits = (text: string, bytes: number): boolean =>
  text.length * 3 <= bytes || (text.length <= bytes && Buffer.byteLength(text) <= bytes);

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface HelloSigned {
  nonce: string;
  agent_id: string;
  boot_id: string;
  /** Host and port as the agent dials them, the default port left out: a hello cannot be relayed to another server. */
  authority: string;
}

/** What a hello signs. None of the parts can hold a line feed. */
export const helloText = ({ nonce, agent_id, boot_id, authority }: HelloSigned): string =>
  `cb-tunnel-v1\n${nonce}\n${agent_id}\n${boot_id}\n${authority}`;

/** The `signature` of a hello. `key` is the private ed25519 key. */
export const signHello = (key: KeyObject, signed: HelloSigned): string =>
  sign(null, Buffer.from(helloText(signed)), key).toString('base64url');

/** Whether it was signed with that key. `publicKey` as in `JoinRequest`. Does not throw: what is no key signed nothing. */
export function verifyHello(publicKey: string, signed: HelloSigned, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    return verify(null, Buffer.from(helloText(signed)), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

/** The first half of the SHA-256 of a public key, for people to compare. `publicKey` as in `JoinRequest`. */
export function keyFingerprint(publicKey: string): string {
  const digits = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex').slice(0, 32);
  return digits.match(/.{4}/g)?.join('-') ?? '';
}

/** The cause of a close, and for an address the one to use instead. */
export interface SaidCause {
  cause: CloseCause;
  address?: string;
}

/** The reason text of a close frame: JSON, so that it can say when to come back. Always fits: an address that does not is left out. */
export function closeText(reason: CloseReason, retryAfterMs: number | null = null, why?: SaidCause): string {
  const wait = retryAfterMs === null ? {} : { retry_after_ms: Math.min(Math.max(Math.round(retryAfterMs), 0), LIMITS.retryAfterMaxMs) };
  const { address: own, ...cause } = why ?? {};
  const text = JSON.stringify({ reason, ...wait, ...cause, address: own });
  return Buffer.byteLength(text) <= LIMITS.closeReasonBytes ? text : JSON.stringify({ reason, ...wait, ...cause });
}

export interface SaidClose {
  reason: CloseReason | null;
  retryAfterMs: number | null;
  /** Absent: the close says no more than its reason. */
  why?: SaidCause;
}

/** What a close means, by its code; null: the code is none of ours (1006, a proxy's). Does not throw. */
export function readClose(code: number, text: string): SaidClose {
  const said = fromJson(text) as { retry_after_ms?: unknown; cause?: unknown; address?: unknown } | null | undefined;
  const wait = whole(0, LIMITS.retryAfterMaxMs)(said?.retry_after_ms);
  const reason = (Object.keys(CLOSE) as CloseReason[]).find((one) => CLOSE[one].code === code) ?? null;
  const cause = (Object.keys(CLOSE_CAUSES) as CloseCause[]).find((one) => one === said?.cause && CLOSE_CAUSES[one].reason === reason);
  const own = address(said?.address);
  const why = cause && { cause, ...(own instanceof Wrong || own === undefined ? {} : { address: own }) };
  return { reason, retryAfterMs: wait instanceof Wrong ? null : wait, ...(why === undefined ? {} : { why }) };
}
