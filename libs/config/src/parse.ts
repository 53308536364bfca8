/** What a NATS client connects with. The password stands apart from the URL, so that no log shows it. */
export interface NatsAccess {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
}

/** `nats://user:password@a:4222,b:4222` */
export function natsAccess(url: string): NatsAccess {
  const [first = '', ...more] = url.split(',');
  const { protocol, host, username, password } = new URL(first);
  const servers = [`${protocol}//${host}`, ...more.map((server) => (server.includes('://') ? server : `${protocol}//${server}`))];
  const named = { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  return username === '' ? { servers } : { servers, ...named };
}

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

/** `10.1.0.0/16, fd00::/8` */
export const list = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
