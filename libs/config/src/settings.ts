import { isIP } from 'node:net';
import type { Instant } from '@app/kernel';
import { list, originOf, publicAliases } from './parse.js';
import { ConfigInvalid } from './read-config.js';
import type { FederationConfig, PublicConfig } from './variables.js';

/** Where a process answers in public, and how others reach it there. */
export interface PublicSettings {
  readonly host: string;
  readonly port: number;
  /** An origin, without a slash at its end. */
  readonly publicUrl: string;
  /** Other origins that are accepted, each until its end. */
  readonly aliases: readonly { readonly url: string; readonly endsAt: Instant }[];
  /** PEM; absent: this process speaks plainly, on loopback or behind a proxy. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly maxConnectionsPerAddress: number;
  /** Networks whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[];
}

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** Networks whose X-Forwarded-For counts. `isProxied`: a proxy is in front, which is on this machine unless TRUSTED_PROXIES says otherwise. */
export const trustedProxies = (given: string | undefined, { isProxied }: { readonly isProxied: boolean }): readonly string[] =>
  given === undefined ? (isProxied ? LOOPBACK : []) : list(given);

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/**
 * Throws `ConfigInvalid` where secrets would cross a network in the clear: what does not listen on loopback ends TLS itself, or says by
 * an https PUBLIC_URL that a proxy does; and where PUBLIC_URL is more than an origin, since that is what peers sign for. `PUBLIC_PORT` 0
 * must have been replaced by the port that was chosen.
 */
export function publicSettings(config: PublicConfig): PublicSettings {
  const { PUBLIC_HOST, PUBLIC_PORT, PUBLIC_URL, PUBLIC_TLS_CERT, PUBLIC_TLS_KEY } = config;
  if ((PUBLIC_TLS_CERT === undefined) !== (PUBLIC_TLS_KEY === undefined))
    throw new ConfigInvalid('PUBLIC_TLS_CERT and PUBLIC_TLS_KEY must be set together');
  const tls = PUBLIC_TLS_CERT === undefined || PUBLIC_TLS_KEY === undefined ? undefined : { cert: PUBLIC_TLS_CERT, key: PUBLIC_TLS_KEY };
  if (tls === undefined && !isLoopback(PUBLIC_HOST) && !PUBLIC_URL?.startsWith('https:'))
    throw new ConfigInvalid(
      `PUBLIC_HOST is ${PUBLIC_HOST}, so PUBLIC_TLS_CERT and PUBLIC_TLS_KEY must be set, or PUBLIC_URL to the https URL of the proxy that ends TLS`,
    );
  const own = originOf(PUBLIC_HOST, PUBLIC_PORT);
  const url = new URL(PUBLIC_URL ?? (tls === undefined ? own : own.replace('http:', 'https:')));
  const publicUrl = url.origin;
  if (url.href !== `${publicUrl}/`) throw new ConfigInvalid(`PUBLIC_URL must be an origin like ${publicUrl}, with nothing behind it`);
  const maxConnectionsPerAddress = config.PUBLIC_CONNECTIONS_PER_ADDRESS;
  const aliases = publicAliases(config.PUBLIC_URL_ALIASES) ?? [];
  const proxies = trustedProxies(config.TRUSTED_PROXIES, { isProxied: PUBLIC_URL !== undefined && tls === undefined });
  const listening = { host: PUBLIC_HOST, port: PUBLIC_PORT, publicUrl, aliases, maxConnectionsPerAddress, trustedProxies: proxies };
  return { ...listening, ...(tls === undefined ? {} : { tls }) };
}

/** 32 bytes. `made`: what a process that keeps one itself uses when none is given; without it throws `ConfigInvalid`. */
export function secretsKeyOf({ SECRETS_KEY }: FederationConfig, made?: Buffer): Buffer {
  if (SECRETS_KEY !== undefined) return Buffer.from(SECRETS_KEY, 'base64');
  if (made === undefined) throw new ConfigInvalid('SECRETS_KEY must be set: 32 bytes in base64, the same for every process and kept');
  return made;
}

/** What the rules of outbound requests depend on beside the configuration. */
export interface OutboundSurroundings {
  /** Whether all of the system is in this process, so that agents on this machine are those of its operator. */
  readonly isStandalone: boolean;
  /** The listeners and servers of this instance. */
  readonly own: readonly { readonly host: string; readonly port: number }[];
}

type OutboundConfig = Pick<FederationConfig, 'FEDERATION_ALLOW_CIDRS' | 'FEDERATION_ALLOW_LOOPBACK_HTTP' | 'ROUTE_ALLOW_LOOPBACK'>;

/** Whether targets on loopback are open only by the setting that is about peers. */
const isOpenByPeers = (config: OutboundConfig, isStandalone: boolean): boolean =>
  config.ROUTE_ALLOW_LOOPBACK === undefined && !isStandalone && config.FEDERATION_ALLOW_LOOPBACK_HTTP === 'true';

/** Where requests may go whose target somebody else chose: those to peers, and those to the targets of routing rules. */
export const outboundRules = (config: OutboundConfig, { isStandalone, own }: OutboundSurroundings) => ({
  allowCidrs: list(config.FEDERATION_ALLOW_CIDRS),
  allowLoopbackHttp: config.FEDERATION_ALLOW_LOOPBACK_HTTP === 'true',
  targets: {
    allowLoopback: (config.ROUTE_ALLOW_LOOPBACK ?? String(isStandalone)) === 'true' || isOpenByPeers(config, isStandalone),
    own,
  },
});

/** A sentence for the log of a start; null: there is nothing to change. */
export const outboundWarning = (config: OutboundConfig, { isStandalone }: Pick<OutboundSurroundings, 'isStandalone'>): string | null =>
  isOpenByPeers(config, isStandalone)
    ? 'FEDERATION_ALLOW_LOOPBACK_HTTP opens targets of routing rules on loopback in this release only. Set ROUTE_ALLOW_LOOPBACK=true as well.'
    : null;
