import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { ProblemException, problemOfHttp } from './problem.filter.js';

/** By which names this listener is asked. */
export interface HostRules {
  /** Where it listens. */
  readonly host: string;
  /** How browsers reach it, when a proxy is in front. */
  readonly url?: string | undefined;
  /** More names. */
  readonly names?: readonly string[];
}

type Asked = Pick<IncomingMessage, 'headers' | 'method' | 'rawHeaders' | 'url'>;

const HOST = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[^:[\]]+))(?::\d*)?$/i;

/**
 * Throws 421 unless the Host is a name of ours: loopback, where it listens, the name in `url`, one of `names`; and any address where it
 * listens beyond loopback. A page of any site can have its own name lead to this address, and would then be of our origin.
 */
export function assertHost({ headers: { host = '' }, rawHeaders, url = '' }: Asked, rules: HostRules): void {
  if (hasTwoHosts({ rawHeaders })) throw problemOfHttp(400, 'The request has more than one Host.');
  if (!url.startsWith('/')) throw problemOfHttp(400, 'The target of the request is not a path.');
  const { v6, name = v6?.toLowerCase() ?? '' } = HOST.exec(host)?.groups ?? {};
  if (isOurs(name.toLowerCase(), rules)) return;
  throw new ProblemException({
    title: 'Host unknown',
    status: 421,
    code: 'http.host-unknown',
    detail: 'This instance is not known by the name in the Host header.',
    next: 'Use the address that the start prints, or add the name to API_HOSTS and start again.',
  });
}

/** Node takes the first and drops the others; a proxy on the way may have gone by another. */
export const hasTwoHosts = ({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean =>
  rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === 'host').length > 1;

function isOurs(name: string, { host, url, names = [] }: HostRules): boolean {
  if (isLoopback(name)) return true;
  if (isIP(name) !== 0) return !isLoopback(host) || hostnameOf(url) === name;
  return name !== '' && [host, hostnameOf(url), ...names].some((ours) => ours?.toLowerCase() === name);
}

const hostnameOf = (url: string | undefined): string | undefined =>
  url === undefined ? undefined : new URL(url).hostname.replace(/^\[|\]$/g, '');
const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** Sites whose pages may ask: our own, and none at all (the address bar, and every program that is no browser). */
const OWN = new Set(['same-origin', 'none']);

/**
 * Throws 403 when the page of another origin had a browser send this. Before anything is counted or looked up: whoever only visits that
 * page would otherwise pay for it. Another origin may lead a browser to the page itself (`isPage`), by a link.
 */
export function assertOwnSite({ headers, method }: Asked, rules: HostRules, { isPage }: { readonly isPage: boolean }): void {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, origin, host } = headers;
  if (isPage && (method === 'GET' || method === 'HEAD') && mode === 'navigate' && origin === undefined) return;
  const isOwn = (site === undefined || OWN.has(String(site))) && (origin === undefined || isOwnOrigin(origin, host, rules));
  if (isOwn) return;
  throw new ProblemException({
    title: 'Sent by another site',
    status: 403,
    code: 'http.cross-site',
    detail: 'A page of another origin had the browser send this request.',
    next: 'Open the page of this instance itself; behind a proxy set API_URL to the address that browsers use.',
  });
}

/** Where a proxy ends TLS, the scheme is not to be seen here, and it may have put another Host in place. */
function isOwnOrigin(origin: string, host: string | undefined, { url }: HostRules): boolean {
  const parsed = URL.parse(origin);
  if (parsed === null || parsed.host === '') return false; // `null` of a sandboxed page among them.
  return parsed.host === host?.toLowerCase() || (url !== undefined && parsed.origin === new URL(url).origin);
}
