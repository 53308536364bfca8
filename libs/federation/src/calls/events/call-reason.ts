/** Why a call ended otherwise than well: every code there is, by the outcome it belongs to. */
export const CALL_REASONS = {
  /** It was not let through, and no byte of it went on. */
  denied: [
    'no_rule', //             no routing rule allows it
    'denied_by_rule',
    'peer_not_active', //     the mutual challenge is yet to succeed
    'peer_suspended',
    'loop', //                it came by this instance before
    'too_many_hops',
    'interface_unknown', //   the agent's card has no such interface, or was not read yet
    'body_too_large',
    'card_refused', //        the agent's card is no card of A2A, or none of its interfaces may be reached
    'card_not_read', //       nothing answered where the card should be, or not in time
    'card_auth_rejected', //  the agent wants another credential before it shows its card
    'caller_not_bound', //    the bindings of the caller's token do not cover it
    'limit_reached', //       the routing rule lets no more calls, or bytes, through now
  ],
  /** It went on, and what came back was no good answer. */
  failed: [
    'rpc_error', //           a JSON-RPC error, whatever the HTTP status
    'http_error',
    'auth_rejected', //       the other instance does not take our signature
    'suspended_by_peer', //   the other instance takes no calls from here: its operator has suspended this one
    'denied_by_peer', //      the routing rules of the other instance let it not through
    'limited_by_peer', //     a routing rule of the other instance lets no more calls, or bytes, through now
    'peer_not_ready', //      the other instance cannot take calls at the time
    'agent_unreachable', //   the other instance could not reach the agent
    'agent_refused', //       the agent does not take the credential of the routing rule, or there is none
    'credential_unavailable', // the credential of the routing rule could not be read, and nothing was sent
    'connect_refused', //     nothing listens on the port
    'host_unreachable',
    'network_unreachable', // this machine has no route there
    'address_unavailable', // this machine has no address or port to connect from
    'dns_failure',
    'tls_failure',
    'address_denied', //      the outbound guard does not allow where the name leads now
    'timeout',
    'answer_cut', //          the answer broke off
    'answer_too_large',
    'answer_invalid', //      nothing that A2A allows
  ],
  /** It was given up on this side of the answer. */
  aborted: [
    'caller_gone',
    'shutting_down',
    'right_withdrawn', //     the peer was suspended or removed, the rules lead it there no more, or the caller's token ended
    'log_unavailable', //     it was refused, since it could not be recorded in time
  ],
  unknown: ['process_died'],
} as const;

export type CallReason<Outcome extends keyof typeof CALL_REASONS = keyof typeof CALL_REASONS> = (typeof CALL_REASONS)[Outcome][number];
