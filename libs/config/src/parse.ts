import { isIPv6 } from 'node:net';

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
