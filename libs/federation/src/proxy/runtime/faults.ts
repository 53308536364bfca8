import type { Fault } from '@app/a2a';
import type { CallReason } from '../../calls/events/call-reason.js';

interface Words {
  readonly status: number;
  readonly title: string;
  /** {holes} are filled with what is known of the call. */
  readonly detail: string;
  readonly next: string;
}

/** Everything the proxy says for itself, to a client of ours or to a peer. The code is public and never changes; the words may. */
export const FAULTS = {
  'federation.unauthorised': {
    status: 401,
    title: 'Not signed in',
    detail: 'This request carries no token that is known here.',
    next: 'Send a service token of role caller: authorization: Bearer <token>.',
  },
  'federation.too-often': {
    status: 429,
    title: 'Too many strangers',
    detail: 'Too many requests with tokens that are not known here came from this address.',
    next: 'Try again after the time in Retry-After. A token that is known here is never refused for this.',
  },
  'federation.forbidden': {
    status: 403,
    title: 'Not allowed',
    detail: 'The role of this token may not call peers.',
    next: 'Use a token of role caller, bound to the peer and the agent that are called.',
  },
  'federation.not-bound': {
    status: 403,
    title: 'Outside the bindings of the token',
    detail: 'The bindings of this token do not cover this call to {agent}.',
    next: 'Ask an admin for a token that is bound to this peer, this agent and this class of methods.',
  },
  'federation.not-a-peer': {
    status: 401,
    title: 'Not a peer',
    detail: 'The request is not signed by a peer of this instance.',
    next: 'Test the peer on both sides: the shared secret, the clock or the URL differ, or one side does not know the other.',
  },
  'federation.path-unknown': {
    status: 404,
    title: 'Not found',
    detail: 'No route of A2A has this path.',
    next: "Start at the agent's card, .well-known/agent-card.json below the agent's path; it names the interfaces.",
  },
  'federation.method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    detail: 'This path is only read, with GET.',
    next: 'Send GET.',
  },
  'federation.peer-unknown': {
    status: 404,
    title: 'Peer unknown',
    detail: 'No peer {peer} is registered.',
    next: 'Take the peer_id from the list of peers; a label or an instance id is none.',
  },
  'federation.peer-not-active': {
    status: 409,
    title: 'Peer not verified',
    detail: 'The peer {peer} is registered, but the mutual challenge has not succeeded yet.',
    next: 'Look at the peer on the page: it says what is missing, on this side or on the other.',
  },
  'federation.peer-suspended': {
    status: 409,
    title: 'Peer suspended',
    detail: 'Traffic with the peer {peer} is suspended by an operator.',
    next: 'Ask the operator, or resume the peer.',
  },
  'federation.call-denied': {
    status: 403,
    title: 'Denied by the routing rules',
    detail: 'The routing rules of {whose} do not let this call to {agent} through.',
    next: 'Ask an operator there to add a routing rule; the dry run of the rules there tells which one decides.',
  },
  'federation.interface-unknown': {
    status: 404,
    title: 'Interface unknown',
    detail: 'The card of {agent} names no such interface, or no longer.',
    next: "Read the agent's card again, and use the URL it gives.",
  },
  'federation.body-too-large': {
    status: 413,
    title: 'Too large',
    detail: 'The body has more than 1 MiB.',
    next: 'Send less: files can be given by their URL.',
  },
  'federation.request-ambiguous': {
    status: 400,
    title: 'Ambiguous',
    detail: 'The request can be understood in more than one way: {because}.',
    next: 'Send JSON in UTF-8 that names each thing once.',
  },
  'federation.log-unavailable': {
    status: 503,
    title: 'Event log unavailable',
    detail: 'The call cannot be recorded now, so it was not let through.',
    next: 'Try again in a moment; look at NATS under Service Health.',
  },
  'federation.not-ready': {
    status: 503,
    title: 'Not ready',
    detail: 'This instance cannot tell now who its peers are, or how to sign what it says to them.',
    next: 'Try again in a moment; look at NATS and PostgreSQL under Service Health.',
  },
  'federation.loop': {
    status: 508,
    title: 'Loop',
    detail: 'The call came by this instance before, or by too many others.',
    next: 'Look at the routing rules of the instances it passes.',
  },
  'federation.peer-refused': {
    status: 502,
    title: 'Peer refuses the signature',
    detail: 'The peer {peer} does not take the signature of this instance.',
    next: 'Test the peer: the shared secret, the clock or the URL differ on the two sides.',
  },
  'federation.suspended-by-peer': {
    status: 502,
    title: 'Suspended by the peer',
    detail: 'An operator of the peer {peer} has suspended this instance: it takes no calls from here.',
    next: 'Ask an operator of the peer to resume this instance.',
  },
  'federation.peer-not-ready': {
    status: 503,
    title: 'Peer not ready',
    detail: 'The peer {peer} cannot take calls right now.',
    next: 'Try again in a moment.',
  },
  'federation.unreachable': {
    status: 502,
    title: 'Not reached',
    detail: '{far} was not reached: {because}.',
    next: 'Check that it runs, and that its URL is right.',
  },
  'federation.agent-refused': {
    status: 502,
    title: 'Agent refuses the credential',
    detail: 'The agent {agent} does not let this instance in: the routing rule to it carries no credential that it takes.',
    next: 'The operator on the side of the agent gives its routing rule another credential: ap infrastructure routes edit.',
  },
  'federation.credential-unavailable': {
    status: 503,
    title: 'Credential not readable',
    detail: 'The credential of the routing rule to {agent} cannot be read now, so nothing was sent.',
    next: 'Try again in a moment. The log on the side of the agent names the rule and the cause.',
  },
  'federation.limit-reached': {
    status: 429,
    title: 'Limit of the routing rule',
    detail: 'The routing rule takes no more for {agent} now: {because}.',
    next: 'Try again after the time in Retry-After, or ask the operator for a higher limit.',
  },
  'federation.budget-spent': {
    status: 429,
    title: "Today's share of the record used up",
    detail: 'What the calls of one caller may add to the record of calls in a day is used up, so this one to {agent} was not let through.',
    next: 'Try again after the time in Retry-After. The operator there can give the record more room: CALLS_MAX_BYTES.',
  },
  'federation.record-full': {
    status: 503,
    title: 'Record of calls full',
    detail: 'The record of calls has no room for another call, so this one was not let through. How running calls end is still kept.',
    next: 'Ask the operator for more room: CALLS_MAX_BYTES.',
  },
  'federation.rule-body-limit': {
    status: 413,
    title: 'Too large for the routing rule',
    detail: 'The body is larger than the {most} bytes that the routing rule to {agent} lets through.',
    next: 'Send less, or ask the operator for a higher limit of the rule.',
  },
  'federation.timed-out': {
    status: 504,
    title: 'No answer in time',
    detail: '{far} did not answer in time.',
    next: 'Look whether the task goes on before sending again; for long work, stream or poll.',
  },
  'federation.answer-cut': {
    status: 502,
    title: 'Answer cut',
    detail: '{far} ended the connection before its answer was whole.',
    next: 'Look whether the task goes on before sending again.',
  },
  'federation.answer-invalid': {
    status: 502,
    title: 'Answer not understood',
    detail: '{far} answered with something that cannot be passed on.',
    next: 'Look at what the other side logs; redirects are not followed.',
  },
  'federation.card-refused': {
    status: 502,
    title: 'Card refused',
    detail: 'The card of {agent} is not passed on: {because}.',
    next: "Correct the agent's card.",
  },
} as const satisfies Record<string, Words>;

export type FaultCode = keyof typeof FAULTS;
export interface ProxyFault extends Fault {
  readonly status: number;
  /** Of 429 and 503, when it is known: when to come again, s. */
  readonly retryAfterS?: number;
  readonly title: string;
}

export function faultOf(code: FaultCode, facts: Readonly<Record<string, string>> = {}): ProxyFault {
  const { detail, ...words } = FAULTS[code];
  return { code, ...words, detail: detail.replaceAll(/\{(\w+)\}/g, (hole, name: string) => facts[name] ?? hole) };
}

/** What a fault that the peer says of itself means to a client of ours, who never spoke to that peer. */
export function faultOfPeer(code: string): FaultCode {
  switch (code) {
    case 'federation.not-a-peer':
      return 'federation.peer-refused';
    case 'federation.not-ready':
    case 'federation.log-unavailable':
    case 'federation.record-full':
      return 'federation.peer-not-ready';
    default:
      return Object.hasOwn(FAULTS, code) ? (code as FaultCode) : 'federation.answer-invalid';
  }
}

/** What a fault of the peer, which is passed on, says of the call; an entry that is missing is no more than its HTTP status. */
const TOLD_BY_PEER: Readonly<Partial<Record<string, CallReason<'failed'>>>> = {
  'federation.agent-refused': 'agent_refused',
  'federation.call-denied': 'denied_by_peer',
  'federation.limit-reached': 'limited_by_peer',
  'federation.rule-body-limit': 'limited_by_peer',
  'federation.not-ready': 'peer_not_ready',
  'federation.log-unavailable': 'peer_not_ready',
  'federation.unreachable': 'agent_unreachable',
  'federation.timed-out': 'timeout',
  'federation.answer-cut': 'answer_cut',
  'federation.answer-invalid': 'answer_invalid',
  'federation.credential-unavailable': 'credential_unavailable',
};

export const toldByPeer = (code: unknown): CallReason<'failed'> | null =>
  typeof code === 'string' && Object.hasOwn(TOLD_BY_PEER, code) ? (TOLD_BY_PEER[code] ?? null) : null;

/** How each way in which a call can fail is said to who made it; `because` is a clause. */
const FAILED: Readonly<Record<CallReason<'failed'>, { readonly code: FaultCode; readonly because?: string }>> = {
  connect_refused: { code: 'federation.unreachable', because: 'the connection was refused' },
  host_unreachable: { code: 'federation.unreachable', because: 'no way leads to its host' },
  network_unreachable: { code: 'federation.unreachable', because: 'this machine has no route to its network' },
  address_unavailable: { code: 'federation.unreachable', because: 'this machine has no address or port to connect from' },
  dns_failure: { code: 'federation.unreachable', because: 'its name leads to no address' },
  tls_failure: { code: 'federation.unreachable', because: 'its certificate is not trusted, or TLS failed' },
  address_denied: { code: 'federation.unreachable', because: 'its address is not allowed by the outbound guard' },
  auth_rejected: { code: 'federation.peer-refused' },
  suspended_by_peer: { code: 'federation.suspended-by-peer' },
  denied_by_peer: { code: 'federation.call-denied' },
  limited_by_peer: { code: 'federation.limit-reached', because: 'a routing rule of the peer lets no more through' },
  peer_not_ready: { code: 'federation.peer-not-ready' },
  agent_unreachable: { code: 'federation.unreachable', because: 'the peer cannot reach it' },
  credential_unavailable: { code: 'federation.credential-unavailable' },
  agent_refused: { code: 'federation.agent-refused' },
  timeout: { code: 'federation.timed-out' },
  answer_cut: { code: 'federation.answer-cut' },
  answer_too_large: { code: 'federation.answer-invalid' },
  answer_invalid: { code: 'federation.answer-invalid' },
  rpc_error: { code: 'federation.answer-invalid' },
  http_error: { code: 'federation.answer-invalid' },
};

export function failureOf(reason: CallReason<'failed'>, facts: Readonly<Record<string, string>>): ProxyFault {
  const { code, because = '' } = FAILED[reason];
  return faultOf(code, { because, ...facts });
}
