import type { CallReason } from '../../events/call-reason.js';
import type { Call } from './call-log.view.js';

type Told = Omit<Call, 'sentence'>;

const BECAUSE: Record<CallReason, (call: Told) => string> = {
  no_rule: () => 'Denied: no routing rule allows it.',
  denied_by_rule: ({ rule_id }) => `Denied by the routing rule ${rule_id}.`,
  peer_not_active: () => 'Denied: the peer is not verified yet.',
  peer_suspended: () => 'Denied: the peer is suspended.',
  loop: () => 'Denied: the call came by this instance before.',
  too_many_hops: () => 'Denied: the call came by too many instances.',
  interface_unknown: ({ agent }) => `Denied: the card of ${agent} has no such interface, or was not read yet.`,
  body_too_large: ({ request_bytes }) => `Denied: the body is too large, ${request_bytes} bytes were read.`,
  card_refused: ({ agent }) => `The card of ${agent} was not handed out: it is no card of A2A, or none of its interfaces may be reached.`,
  card_not_read: ({ agent }) => `The card of ${agent} was not handed out: it could not be read where it should be.`,
  card_auth_rejected: ({ agent }) =>
    `The card of ${agent} was not handed out: the agent does not take the credential of the routing rule, or wants one that the rule has not.`,
  caller_not_bound: () => 'Denied: the bindings of the token that made it do not cover it.',
  limit_reached: ({ rule_id }) => `Denied: the routing rule ${rule_id} lets no more through at the time.`,
  rpc_error: (call) => `${other(call)} answered with ${errorOf(call)}.`,
  http_error: (call) => `${other(call)} answered with HTTP ${call.http_status ?? 'of no known status'}.`,
  auth_rejected: (call) => `${other(call)} does not take the credentials of this call.`,
  suspended_by_peer: () => 'The peer takes no calls from here: its operator has suspended this instance.',
  denied_by_peer: ({ agent }) => `Denied by the routing rules of the peer, which do not let this call to ${agent} through.`,
  limited_by_peer: ({ agent }) => `Denied by the peer: its routing rule for ${agent} lets no more through at the time.`,
  peer_not_ready: () => 'The peer cannot take calls at the time: its log or its state is not ready.',
  agent_unreachable: ({ agent }) => `The peer could not reach the agent ${agent}.`,
  agent_refused: ({ agent, direction }) =>
    direction === 'in'
      ? `The agent ${agent} does not take the credential of the routing rule, or wants one that the rule has not.`
      : `The agent ${agent} does not let the peer in: the routing rule over there has no credential that it takes.`,
  credential_unavailable: ({ direction }) =>
    direction === 'in'
      ? 'Nothing was sent: the credential of the routing rule could not be read.'
      : 'The peer sent nothing to the agent: it could not read the credential of its routing rule.',
  connect_refused: (call) => `No connection could be made: nothing listens where ${call.agent} should be.`,
  host_unreachable: (call) => `No connection could be made: no way leads to the host where ${call.agent} should be.`,
  network_unreachable: () => 'No connection could be made: this machine has no route to that network.',
  address_unavailable: () => 'No connection could be made: this machine has no address or port to connect from.',
  dns_failure: () => 'No connection could be made: the host name is not known.',
  tls_failure: () => 'No connection could be made: the certificate is not to be trusted, or TLS failed.',
  address_denied: () => 'No connection was made: the host name leads to an address that is not allowed.',
  timeout: (call) => `${other(call)} did not answer in time.`,
  answer_cut: (call) => `The answer broke off after ${call.response_bytes ?? 0} bytes.`,
  answer_too_large: (call) => `The answer was cut off: it is too large, after ${call.response_bytes ?? 0} bytes.`,
  answer_invalid: () => 'The answer is not what A2A allows.',
  caller_gone: (call) => `The caller hung up before the answer was complete, after ${call.total_ms ?? 0} ms.`,
  shutting_down: () => 'This instance was stopped before the answer was complete.',
  right_withdrawn: () => 'Cut off: the peer, the routing rules or the token that it was let through by allow it no more.',
  log_unavailable: () => 'Refused: the event log did not take it in time.',
  process_died: () => 'The process that held the call ended before the call did, or lost the record of its end: how it ended is not known.',
};

/** How a call went, for people. */
export function callSentence(call: Told): string {
  if (call.reason !== null) return BECAUSE[call.reason](call);
  if (call.outcome === 'open') return 'Let through, and not ended yet.';
  const answer =
    call.sse_events === null ? `Answered with HTTP ${call.http_status}` : `Answered with a stream of ${eventsOf(call.sse_events)}`;
  return `${answer} in ${call.total_ms} ms.`;
}

const other = ({ direction }: Told): string => (direction === 'in' ? 'The agent' : 'The peer');
const errorOf = ({ rpc_error_code: code }: Told): string => (code === null ? 'a JSON-RPC error' : `the JSON-RPC error ${code}`);
const eventsOf = (events: number): string => (events === 1 ? '1 event' : `${events} events`);
