import type { RefusalCatalogue } from '@app/kernel';

/** The refusals of peers. A code is public and never changes; its words may. */
export const refusals = {
  'federation.peer-unknown': {
    kind: 'not-found',
    title: 'Peer unknown',
    detail: 'No peer {peer_id} is registered.',
    next: 'List the peers to see which there are.',
  },
  'federation.peer-exists': {
    kind: 'conflict',
    title: 'Peer already registered',
    detail: 'The instance {remote_peer_id} is registered already, as peer {peer_id}.',
    next: 'Use that peer, or remove it before registering the instance again.',
  },
  'federation.peer-is-self': {
    kind: 'invalid',
    title: 'Peer is this instance',
    detail: '{remote_peer_id} is the id of this instance itself.',
    next: 'Give the instance id of the other side; its own Infrastructure page shows it.',
  },
  'federation.key-reused': {
    kind: 'conflict',
    title: 'Idempotency-Key already used',
    detail: 'This Idempotency-Key registered the instance {registered} as peer {peer_id}; it cannot register {remote_peer_id} as well.',
    next: 'Send another Idempotency-Key for another peer.',
  },
  'federation.secret-weak': {
    kind: 'invalid',
    title: 'Secret too short',
    detail: 'The outbound_secret has {length} characters; at least {least} are needed.',
    next: 'Give a longer random one, or leave outbound_secret out: one is then made, and shown once.',
  },
  'federation.url-denied': {
    kind: 'invalid',
    title: 'URL not allowed',
    detail: 'The URL of a peer may not be this one: {because}.',
    next:
      'Give an https URL of a public address. For a private network, set FEDERATION_ALLOW_CIDRS (such as 10.20.0.0/16); for a peer on ' +
      'this machine, FEDERATION_ALLOW_LOOPBACK_HTTP=true; then restart.',
  },
  'federation.key-not-shown': {
    kind: 'conflict',
    title: 'No key shown',
    detail: 'The peer {peer_id} has shown no instance key of its own since the federation process started.',
    next: 'Wait for its next heartbeat, and see that both sides are connected and of a release with instance keys. Then try again.',
  },
  'federation.key-differs': {
    kind: 'conflict',
    title: 'Another key shown',
    detail: 'The peer {peer_id} shows the instance key {shown}, not {fingerprint}.',
    next: "Ask the peer's operator for the fingerprint that ap infrastructure doctor shows there. Pin the key only when it is the one that is shown.",
  },
  'federation.until-not-ahead': {
    kind: 'invalid',
    title: 'End not ahead',
    detail: 'A suspension must end after it begins: {until} is not after {at}.',
    next: 'Give a later until, or null for no end.',
  },
  'federation.verdict-overtaken': {
    kind: 'conflict',
    title: 'Judged by another',
    detail: 'The peer {peer_id} is {status} by now; this verdict starts from {from}.',
    next: 'Judge again from what the log has.',
  },
} as const satisfies RefusalCatalogue<'federation'>;

/** Codes of this catalogue; without a parameter all of them. */
export type Refused<Code extends keyof typeof refusals = keyof typeof refusals> = Code;
