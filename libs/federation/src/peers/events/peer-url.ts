import { Matches } from 'class-validator';

const PEER_URL = /^https?:\/\/[^\s/?#@\\\p{Cc}\p{Cs}]+(?:\/[^\s?#\\\p{Cc}\p{Cs}]*)?$/u;

/**
 * A base URL: no user, no query, no fragment. Peers are registered with an origin; a path was once taken, and is still read. Whether it may
 * be reached is another question, asked by the outbound guard at every use, since names move and settings change.
 */
export const IsPeerUrl = (): PropertyDecorator =>
  Matches(PEER_URL, { message: '$property must be an http or https URL of host, port and path' });
