import type { Rejection } from '../../events/handshake-rejected.event.js';

/** Why the last handshake of an agent was rejected, for people, and what to do. */
export function rejectionSentence(reason: Rejection, address: string | null): string {
  switch (reason) {
    case 'signature_invalid':
      return 'Its signature does not hold: it has another key than the one it joined with, or uses an address that is not of this instance.';
    case 'address_mismatch':
      return `It asks by ${address ?? 'another address'}, which is not of this instance: move it by edge-agent server <url>.`;
    case 'address_ended':
      return `It asks by ${address ?? 'an address'}, which is accepted no more: move it by edge-agent server <url>.`;
    case 'revoked':
      return 'It was revoked, and still runs.';
    case 'held':
      return 'It is held until an admin releases it.';
    case 'version_unsupported':
      return 'It speaks no version of the tunnel that this instance speaks: update the older one.';
    case 'duplicate_identity':
      return 'Two processes use its identity: one is a copy.';
    case 'rate_limited':
      return 'It opened too many tunnels within a minute.';
  }
}
