import type { Instant } from './contract.js';

/**
 * What the API answers and its description does not say yet. When `npm run docs:types` has written these into api.generated.ts, this
 * file goes, and with it `& Ahead` in contract.ts.
 */
export interface Ahead {
  Peer: {
    /** The last round trip. */
    rtt_ms: number | null;
    /** The last time we reached it. */
    last_good_at: Instant | null;
    next_retry_at: Instant | null;
    /** Our status over there, as its last heartbeat said. */
    their_view: string | null;
    evidence: string[];
  };
  TestLinkBody: { url: string; remote_peer_id: string; outbound_secret: string };
  LinkTest: { ok: boolean; reason: string | null; sentence: string; rtt_ms: number | null };
  Call: {
    call_id: string;
    direction: 'in' | 'out';
    peer_id: string;
    agent: string;
    method: string | null;
    method_class: MethodClass;
    protocol_version: '1.0' | '0.3' | null;
    binding: 'JSONRPC' | 'HTTP+JSON' | null;
    /** Its JSON text: a number and a string differ. */
    rpc_id: string | null;
    task_id: string | null;
    context_id: string | null;
    message_id: string | null;
    outcome: 'open' | 'completed' | 'failed' | 'aborted' | 'denied' | 'unknown';
    reason: string | null;
    sentence: string;
    http_status: number | null;
    rpc_error_code: number | null;
    accepted_at: Instant;
    ended_at: Instant | null;
    first_byte_ms: number | null;
    total_ms: number | null;
    request_bytes: number;
    response_bytes: number | null;
    sse_events: number | null;
    rule_id: string | null;
    rule_version: number | null;
    caller: string | null;
    key_id: string | null;
    trace_id: string | null;
  };
  Route: {
    rule_id: string;
    /** From 1; the first that matches decides. */
    order: number;
    direction: 'in' | 'out';
    /** null: any. */
    peer_id: string | null;
    agent: string | null;
    method_class: MethodClass | null;
    action: 'allow' | 'deny' | 'route';
    target_url: string | null;
    note: string;
    version: number;
    added_at: Instant;
    added_by: string;
  };
  AddRouteBody: {
    direction: 'in' | 'out';
    peer_id?: string;
    agent?: string;
    method_class?: MethodClass;
    action: 'allow' | 'deny' | 'route';
    target_url?: string;
    note?: string;
    /** The rule it goes before; left out, it is the last. */
    before?: string;
  };
  TestRouteBody: { direction: 'in' | 'out'; peer_id: string; agent: string; method: string };
  RouteDecision: {
    action: 'allow' | 'deny' | 'route';
    rule_id: string | null;
    rule_version: number | null;
    target_url: string | null;
    method_class: MethodClass;
    sentence: string;
  };
  Gateway: Gateway;
  EdgeCost: EdgeCost;
  EdgeAgent: {
    agent_id: string;
    label: string;
    hostname: string | null;
    lifecycle: 'enrolled' | 'active' | 'revoked';
    status:
      | 'enrolled'
      | 'connected'
      | 'degraded'
      | 'reconnecting'
      | 'restarting'
      | 'disconnected'
      | 'stale'
      | 'quarantined'
      | 'revoked'
      | 'unknown';
    health: 'up' | 'degraded' | 'down' | 'unknown';
    reason: string | null;
    sentence: string;
    since: Instant;
    version: string | null;
    os: string | null;
    /** Of the agent's process: what its uptime counts from. */
    started_at: Instant | null;
    connected_at: Instant | null;
    last_heartbeat_at: Instant | null;
    last_sync_at: Instant | null;
    rtt_ms: number | null;
    expected_back_at: Instant | null;
    ephemeral: boolean;
    enrolled_at: Instant;
    enrolled_by: string;
    join_token_id: string;
    key_fingerprint: string;
    gateways: Gateway[];
    cost: EdgeCost | null;
    evidence: string[];
  };
  EnrollAgentBody: { label?: string; hostname_pattern?: string; ephemeral?: boolean };
  JoinLine: { position: string; join_token_id: string; join_token: string; expires_at: Instant; command: string };
  Ping: { ok: boolean; rtt_ms: number | null; sentence: string };
}

type MethodClass = 'read' | 'send' | 'admin';

interface Gateway {
  name: string;
  capability: 'none' | 'http' | 'probe' | 'read';
  state: 'ready' | 'starting' | 'draining' | 'not_ready' | 'unreachable' | 'not_openclaw' | 'unauthorised';
  version: string | null;
  uptime_ms: number | null;
  latency_ms: number | null;
  sessions: number | null;
  reason: string | null;
  sentence: string;
}

interface EdgeCost {
  /** The UTC day it is of. */
  day: string;
  usd: number;
  tokens: number;
  by_model: { model: string; usd: number; tokens: number }[];
  missing_cost_entries: number;
  fresh: boolean;
}
