/**
 * The tunnel between an edge agent and this instance, version 1: JSON text frames over WebSocket, understood the same at both ends
 * because both ends read this file. The agent dials; it is a program of its own, so nothing here needs more than Node.
 *
 *   server                                    agent
 *     challenge ─────────────────────────────▶
 *     ◀───────────────────────────────── hello   signed over the nonce
 *     welcome ───────────────────────────────▶   or a close with a reason
 *     ◀─────────────────────────── report_full   numbered from 1 for each boot_id
 *     ack ───────────────────────────────────▶
 *     ◀──────────── heartbeat, report, cost ...   as long as it goes; the server pings with control frames
 *     heartbeat_ack, ack, call ──────────────▶
 *     ◀──────────────────────── result, goodbye
 *
 * What is not known is left out of what `parseFrame` answers: a newer end may say more, and is still understood.
 */
export const SUBPROTOCOL = 'clawbutler.tunnel.v1';
export const PROTO = 1;
export const JOIN_PATH = '/edge/v1/join';
export const TUNNEL_PATH = '/edge/v1/tunnel';

export const LIMITS = {
  frameBytes: 1_048_576,
  /** Between two ping control frames of the server. */
  pingMs: 20_000,
  /** What the server offers in `welcome` unless told; whatever it offers is within the bounds. */
  heartbeatS: 30,
  heartbeatMinS: 10,
  heartbeatMaxS: 300,
  syncS: 60,
  syncMinS: 10,
  syncMaxS: 3600,
  /** Silence of so long, of any kind of frame, ends the tunnel, at both ends. */
  readDeadlineMs: 50_000,
  /** From the upgrade to `hello`, and from `hello` to `welcome`. */
  handshakeMs: 10_000,
  /** Without a tunnel for so long, an agent is not called down. */
  graceMs: 15_000,
  /** A tunnel that stood so long was a good one: the back-off begins anew. */
  stableMs: 60_000,
  retryAfterMaxMs: 900_000,
  /** The longest absence that a goodbye may promise. */
  backMaxS: 3600,
  /** The body of a join. */
  joinBytes: 16_384,
  /** Reason text of a WebSocket close frame. */
  closeReasonBytes: 123,
  gateways: 32,
  gatewayNameChars: 128,
  /** What a day may cost. */
  usd: 1e9,
  models: 64,
  /** Agents of gateways whose costs are told apart. */
  agents: 64,
  channels: 32,
  capabilities: 16,
} as const;

/**
 * Every way a tunnel is closed. `retry` is what the agent does then: `backoff` as after any lost connection, `obey` waits as long as
 * the close says (and else backs off), `slow` tries again in minutes, since only a person can change the answer.
 */
export const CLOSE = {
  goodbye: { code: 1000, retry: 'backoff', sentence: 'The agent said goodbye.' },
  going_away: { code: 1001, retry: 'obey', sentence: 'The server goes away.' },
  too_big: { code: 1009, retry: 'backoff', sentence: 'A frame was larger than the tunnel takes.' },
  restart: { code: 1012, retry: 'obey', sentence: 'The server restarts.' },
  malformed: { code: 4400, retry: 'backoff', sentence: 'A frame was not understood.' },
  unauthorised: { code: 4401, retry: 'slow', sentence: 'The server does not accept the signature of this agent.' },
  revoked: { code: 4403, retry: 'slow', sentence: 'This agent was revoked.' },
  no_common_protocol: { code: 4406, retry: 'slow', sentence: 'Server and agent have no version of the tunnel in common.' },
  read_deadline: { code: 4408, retry: 'backoff', sentence: 'Nothing was heard for too long.' },
  superseded: { code: 4409, retry: 'slow', sentence: 'Another connection of the same agent took over.' },
  too_many: { code: 4429, retry: 'obey', sentence: 'More was sent than the server takes, or faster.' },
  unavailable: { code: 4503, retry: 'obey', sentence: 'The server takes no agents right now.' },
} as const satisfies Record<string, { code: number; retry: 'backoff' | 'obey' | 'slow'; sentence: string }>;
export type CloseReason = keyof typeof CLOSE;

/** What a close says beyond its reason. It goes along with the code of the reason, which is all that an older agent understands. */
export const CLOSE_CAUSES = {
  duplicate_identity: { reason: 'too_many', sentence: 'Another process uses the identity of this agent, and the server refuses both.' },
  held: { reason: 'too_many', sentence: 'The server holds this agent until an admin releases it.' },
  wrong_address: { reason: 'unauthorised', sentence: 'The server has another address than the one this agent uses.' },
  address_ended: { reason: 'unauthorised', sentence: 'The address this agent uses was one of the server, and is accepted no more.' },
} as const satisfies Record<string, { reason: CloseReason; sentence: string }>;
export type CloseCause = keyof typeof CLOSE_CAUSES;

export const CAPABILITIES = ['none', 'http', 'probe', 'read'] as const;
export const GATEWAY_STATES = ['ready', 'starting', 'draining', 'not_ready', 'unreachable', 'not_openclaw', 'unauthorised'] as const;
/** What a server takes beyond the first release of this protocol. It names them in its welcome; an agent says nothing else to it. */
export const SERVER_CAPABILITIES = ['network_reasons'] as const;
export type ServerCapability = (typeof SERVER_CAPABILITIES)[number];

/** Reasons of the capability `network_reasons`. A server without it closes the tunnel over them, so it is told `connect_refused`. */
export const NETWORK_REASONS = ['host_unreachable', 'network_unreachable', 'address_unavailable'] as const;
/** Of the reasons of the system, those that a gateway can have. */
export const GATEWAY_REASONS = [
  ...(['connect_refused', 'dns_failure', 'tls_failure', 'heartbeat_timeout', 'error_rate', 'slow', 'starting', 'draining'] as const),
  ...(['dependency_down', 'unauthorised', 'pairing_required', 'rate_limited', 'protocol_mismatch'] as const),
  ...(['version_unsupported', 'not_openclaw'] as const),
  ...NETWORK_REASONS,
] as const;
/**
 * Why an agent cannot read more of a gateway that answers, and the way to the next tier. The code travels; the text is made from it
 * wherever it is read.
 */
export const TIER_LIMITS = {
  no_token: 'Give the agent the token of the gateway to see its sessions, channels and cost: edge-agent gateway-token.',
  token_refused: 'Give the agent the token that the gateway takes: edge-agent gateway-token.',
  pairing_required: 'Approve the device on the machine of the gateway: openclaw devices approve.',
  scopes_withheld: 'Run the agent on the machine of the gateway to read its cost: it grants operator.read to its own machine only.',
  locked_out: 'Wait: the gateway refuses this address for a few minutes after too many requests or wrong tokens.',
  protocol_mismatch: 'Update the agent or the gateway: they have no version of the protocol in common.',
  methods_missing: 'Update the gateway: it does not offer the figures of its cost.',
  no_session: 'Wait: the gateway takes no session right now.',
} as const satisfies Record<string, string>;
export type TierLimit = keyof typeof TIER_LIMITS;
/** Classes of what a channel last failed of. Its own words stay at the gateway. */
export const CHANNEL_ERRORS = ['auth', 'rate_limited', 'timeout', 'network', 'other'] as const;
export const GOODBYE_REASONS = ['stop', 'restart', 'leave'] as const;

/** An instant in UTC, to the millisecond: `2026-02-01T12:00:00.000Z`. */
export type Instant = string;

/** A channel that is set up at a gateway, all its accounts together. */
export interface ChannelReport {
  /** Unique within the gateway: `telegram`. */
  name: string;
  /** Null: the gateway does not say; not every channel holds a connection. */
  connected: boolean | null;
  /** The gateway's word for what it does: `ready`, `recovering`. */
  lifecycle: string | null;
  error: (typeof CHANNEL_ERRORS)[number] | null;
  /** How long it has not been connected, at least; null: it is, or has none to hold. */
  down_ms: number | null;
}
export interface GatewayReport {
  /** Unique within the agent. */
  name: string;
  /** How much the agent can read of it. */
  capability: (typeof CAPABILITIES)[number];
  /** Why it is not more; null: it is all there is, the gateway does not answer, or an older agent does not say. */
  tier_limit: TierLimit | null;
  /** Empty also of an older agent, which does not say. */
  channels: ChannelReport[];
  state: (typeof GATEWAY_STATES)[number];
  version: string | null;
  uptime_ms: number | null;
  latency_ms: number | null;
  sessions: number | null;
  /** Why it is not as it should be; may be there while it is ready. */
  reason: (typeof GATEWAY_REASONS)[number] | null;
  sentence: string;
}

/** Shares of what there is, 0 to 1. */
export interface HostReport {
  cpu_ratio: number | null;
  mem_ratio: number | null;
  disk_ratio: number | null;
}

/** What waits to be sent, and what was given up because newer of its kind came. */
export interface OutboxReport {
  depth: number;
  capacity: number;
  dropped: number;
}

export interface ModelCost {
  model: string;
  usd: number;
  tokens: number;
}

/** Cost of one of the agents that a gateway runs; `gateway` is null where it is of several. */
export interface AgentCost {
  gateway: string | null;
  agent: string;
  usd: number;
  tokens: number;
}

interface Report {
  /** One series with `cost`: 1, 2, 3 ... since the agent started. */
  seq: number;
  sent_at: Instant;
  /** The `desired.version` of the last welcome, once the agent acts by it. */
  desired_version: string | null;
  gateways: GatewayReport[];
  host: HostReport;
  outbox: OutboxReport;
}

export interface Challenge {
  type: 'challenge';
  nonce: string;
}
export interface Hello {
  type: 'hello';
  agent_id: string;
  /** The installation, a UUIDv7 made when it joined. A copy of its state directory has the same. */
  instance_uid: string;
  /** The process. */
  boot_id: string;
  last_seq_acked: number;
  proto: { min: number; max: number };
  version: string;
  hostname: string;
  os: string;
  started_at: Instant;
  capabilities: string[];
  /** The address of the server as the agent was given it, for which it signs. Agents of before do not say it. */
  address?: string | undefined;
  /** Of `helloText`, ed25519, base64url. */
  signature: string;
}
export interface Welcome {
  type: 'welcome';
  session_id: string;
  /** Counts the connections of this agent: of two, the higher one is the newer. */
  epoch: number;
  heartbeat_s: number;
  sync_s: number;
  desired: { version: string | null };
  server_time: Instant;
  instance_key?: string | undefined; // The public half, 32 bytes, base64url. Servers of before have none.
  /** `ServerCapability`, and what a newer server names beside them. Servers of before do not say it. */
  capabilities?: string[] | undefined;
}
export interface Heartbeat {
  type: 'heartbeat';
  /** 1, 2, 3 ... within the connection, a series of its own. */
  seq: number;
  sent_at: Instant;
  /** As the agent measures it, by the answers to its heartbeats. */
  rtt_ms: number | null;
  /** The server's clock minus the agent's, by the agent. */
  clock_offset_ms: number | null;
}
export interface HeartbeatAck {
  type: 'heartbeat_ack';
  seq: number;
  received_at: Instant;
}
/** The gateways that changed; the others are as they were. */
export interface ReportChanged extends Report {
  type: 'report';
}
/** All gateways; who is not in it is no more. */
export interface ReportFull extends Report {
  type: 'report_full';
}
/** What a UTC day cost until now, all gateways together: replaces what was said of that day before. */
export interface Cost {
  type: 'cost';
  seq: number;
  /** `YYYY-MM-DD` */
  day: string;
  usd: number;
  tokens: number;
  by_model: ModelCost[];
  /** Empty: no gateway says. */
  by_agent: AgentCost[];
  missing_cost_entries: number;
  /** Whether all gateways said so just now. */
  fresh: boolean;
}
/** Takes note of everything up to `seq`. */
export interface Ack {
  type: 'ack';
  seq: number;
  /** Whether something is missing before it: the agent answers with a `report_full`. */
  full: boolean;
}
export interface Goodbye {
  type: 'goodbye';
  reason: (typeof GOODBYE_REASONS)[number];
  /** Null: it does not say that it comes back. */
  expected_back_s: number | null;
}
/** The server asks. `ping` is a question that every agent answers; what it does not know, it answers with `ok: false`. */
export interface Call {
  type: 'call';
  id: string;
  method: string;
}
export interface Result {
  type: 'result';
  id: string;
  ok: boolean;
  sentence: string;
}
/** Something about the last frame is worth a word; the tunnel goes on. */
export interface ErrorFrame {
  type: 'error';
  code: string;
  sentence: string;
}

export type AgentFrame = Hello | Heartbeat | ReportChanged | ReportFull | Cost | Goodbye | Result | ErrorFrame;
export type ServerFrame = Challenge | Welcome | HeartbeatAck | Ack | Call | ErrorFrame;
export type Frame = AgentFrame | ServerFrame;
export interface Malformed {
  malformed: string;
}

/** What redeems a join token. `public_key`: the 32 bytes of an ed25519 key, base64url. */
export interface JoinRequest {
  token: string;
  public_key: string;
  hostname: string;
  version: string;
  os: string;
  /** The address by which the agent asks. Agents of before do not say it. */
  address?: string | undefined;
}
export interface JoinAnswer extends Pick<Welcome, 'server_time' | 'instance_key'> {
  agent_id: string;
}
