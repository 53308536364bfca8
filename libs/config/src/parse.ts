import { isIP, isIPv6 } from 'node:net';
import type { Instant } from '@app/kernel';

export interface GatewayTarget {
  readonly name: string;
  readonly url: string;
  /** Whether the roll-up of all gateways is red when this one is. */
  readonly critical: boolean;
}

/** `berlin=http://127.0.0.1:18789,lisbon!=https://gw.example` */
export const gatewayTargets = (text: string | undefined): GatewayTarget[] =>
  (text ?? '')
    .split(',')
    .filter((entry) => entry.trim() !== '')
    .map((entry) => {
      const [name = '', url = ''] = entry.trim().split(/=(.*)/s);
      return { name: name.replace(/!$/, ''), url, critical: name.endsWith('!') };
    });

/** `http://127.0.0.1:4600`, `http://[::1]:4600` */
export const originOf = (host: string, port: number): string => `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;

/** `10.1.0.0/16, fd00::/8` */
export const list = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** `10.1.0.0/16`, `fd00::/8` */
export function isCidr(text: string): boolean {
  const [net = '', prefix = ''] = text.split('/');
  return isIP(net) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIP(net) === 4 ? 32 : 128) && text === `${net}/${prefix}`;
}

/** Trust in every address would let each client write its own. An IPv4 network within IPv6 matches nothing: such addresses are compared as IPv4. */
export const isProxyNetwork = (text: string): boolean => isCidr(text) && !/(^::ffff:|\/0+$)/i.test(text);

const ALIAS = /^(?<url>https?:\/\/[^\s=]+)=(?<day>\d{4}-\d\d-\d\d)$/i;
const DAY_MS = 86_400_000;

/** `https://old.example=2027-01-31`: accepted until that day has passed, UTC. undefined: an entry is not like that. */
export function publicAliases(text: string | undefined): { readonly url: string; readonly endsAt: Instant }[] | undefined {
  const read = list(text).map((entry) => {
    const { url: given = '', day = '' } = ALIAS.exec(entry)?.groups ?? {};
    const url = URL.parse(given);
    const begunMs = Date.parse(day); // 30 February becomes a day of March.
    const isDay = !Number.isNaN(begunMs) && new Date(begunMs).toISOString().startsWith(day);
    if (url === null || url.href !== `${url.origin}/` || !isDay) return undefined;
    return { url: url.origin, endsAt: new Date(begunMs + DAY_MS).toISOString() as Instant };
  });
  return read.every((alias) => alias !== undefined) ? read : undefined;
}
