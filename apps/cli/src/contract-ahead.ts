/**
 * What the API says since federation and edge are live, until its description and api.generated.ts say it: then this file
 * goes, and `Schemas` in contract.ts is the generated one alone.
 */
import type { components } from './api.generated.js';

type Health = components['schemas']['Overview']['verdict'];

export interface Ahead {
  Peer: components['schemas']['Peer'] & PeerLink;
  LinkTest: LinkTest;
  Call: Call;
  Route: Route;
  RouteTested: RouteTested;
  RouteAccepted: { position: string; rule_id: string };
  EdgeAgent: EdgeAgent;
  Gateway: Gateway;
  IssuedJoinToken: IssuedJoinToken;
  PingAnswer: PingAnswer;
}

/** What is known of the link to a peer. */
interface PeerLink {
  rtt_ms: number | null;
  last_good_at: string | null;
  next_retry_at: string | null;
  their_view: string | null;
  evidence: string[];
}

interface LinkTest {
  ok: boolean;
  reason: string | null;
  sentence: string;
  rtt_ms: number | null;
}

interface Call {
  call_id: string;
  direction: 'in' | 'out';
  peer_id: string;
  agent: string;
  method: string | null;
  method_class: 'read' | 'send' | 'admin';
  protocol_version: '1.0' | '0.3' | null;
  binding: 'JSONRPC' | 'HTTP+JSON' | null;
  rpc_id: string | null;
  task_id: string | null;
  context_id: string | null;
  message_id: string | null;
  outcome: 'open' | 'completed' | 'failed' | 'aborted' | 'denied' | 'unknown';
  reason: string | null;
  sentence: string;
  http_status: number | null;
  rpc_error_code: number | null;
  accepted_at: string;
  ended_at: string | null;
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
}

interface Route {
  rule_id: string;
  order: number;
  direction: 'in' | 'out';
  peer_id: string | null;
  agent: string | null;
  method_class: 'read' | 'send' | 'admin' | null;
  action: 'allow' | 'deny' | 'route';
  target_url: string | null;
  note: string;
  version: number;
  added_at: string;
  added_by: string;
}

interface RouteTested {
  action: 'allow' | 'deny' | 'route';
  rule_id: string | null;
  rule_version: number | null;
  target_url: string | null;
  method_class: 'read' | 'send' | 'admin';
  sentence: string;
}

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

interface DayCost {
  day: string;
  usd: number;
  tokens: number;
  by_model: { model: string; usd: number; tokens: number }[];
  missing_cost_entries: number;
  fresh: boolean;
}

interface EdgeAgent {
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
  health: Health;
  reason: string | null;
  sentence: string;
  since: string;
  version: string | null;
  os: string | null;
  started_at: string | null;
  connected_at: string | null;
  last_heartbeat_at: string | null;
  last_sync_at: string | null;
  rtt_ms: number | null;
  expected_back_at: string | null;
  ephemeral: boolean;
  enrolled_at: string;
  enrolled_by: string;
  join_token_id: string;
  key_fingerprint: string;
  gateways: Gateway[];
  cost: DayCost | null;
  evidence: string[];
}

interface IssuedJoinToken {
  position: string;
  join_token_id: string;
  join_token: string;
  expires_at: string;
  command: string;
}

interface PingAnswer {
  ok: boolean;
  rtt_ms: number | null;
  sentence: string;
}
