import { Matches } from 'class-validator';

const PEER_URL = /^https?:\/\/[^\s/?#@\\]+(?:\/[^\s?#\\]*)?$/u;

/**
 * A base URL as `peerUrlOf` writes it: no user, no query, no fragment. Whether it may be reached is another question, asked by the
 * outbound guard at every use, since names move and settings change.
 */
export const IsPeerUrl = (): PropertyDecorator =>
  Matches(PEER_URL, { message: '$property must be an http or https URL of host, port and path' });

/** `https://lisbon.example`, `https://lisbon.example:8443/cb`: one spelling, as it is later parsed again. */
export const peerUrlOf = ({ origin, pathname }: URL): string => origin + (pathname === '/' ? '' : pathname);
