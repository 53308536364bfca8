/** What is asked for below an agent's path. */
export type Wanted =
  | { readonly what: 'card' }
  /** `key` stands for the real URL of an interface; `path` is what follows it, with the query: '', `/tasks/t-1?historyLength=2`. */
  | { readonly what: 'interface'; readonly key: string; readonly path: string };

export interface ClientPath {
  readonly peer: string;
  readonly agent: string;
  readonly wanted: Wanted;
}

const AGENT = String.raw`(?<agent>(?!\.{1,2}/)[A-Za-z0-9._-]{1,64})`;
const CLIENT = new RegExp(String.raw`^/a2a/peers/(?<peer>[A-Za-z0-9_-]{1,64})/agents/${AGENT}/(?<rest>.*)$`);
const PEER = new RegExp(String.raw`^/federation/v1/a2a/${AGENT}/(?<rest>.*)$`);
const CARD = /^\.well-known\/agent-card\.json(?:\?.*)?$/;
const INTERFACE = /^i\/(?<key>[A-Za-z0-9]{1,64})(?<path>(?:[/?].*)?)$/;
/**
 * Steps that a server on the way may resolve, and so leave what the rules and the table gave. `\` is a slash to many, `%2f` to those that
 * decode first, and what follows a `;` is no part of a name to Java's.
 */
const STEP = /(?:^|\/|%2f)(?:\.|%2e){1,2}(?:\/|%2f|;|%3b|$)|\\|%5c/i;

export const CLIENT_PREFIX = '/a2a/peers/';
export const PEER_PREFIX = '/federation/v1/a2a/';

/** The base of an agent's routes, ending with a slash: clients resolve the card relative to it. */
export const clientBase = (peer: string, agent: string): string => `${CLIENT_PREFIX}${peer}/agents/${agent}/`;
export const peerBase = (agent: string): string => `${PEER_PREFIX}${agent}/`;
export const CARD_PATH = '.well-known/agent-card.json';

export function readClientPath(url: string): ClientPath | null {
  const { peer = '', agent = '', rest = '' } = CLIENT.exec(url)?.groups ?? {};
  const wanted = wantedOf(rest);
  return wanted === null ? null : { peer, agent, wanted };
}

export function readPeerPath(url: string): Omit<ClientPath, 'peer'> | null {
  const { agent = '', rest = '' } = PEER.exec(url)?.groups ?? {};
  const wanted = wantedOf(rest);
  return wanted === null ? null : { agent, wanted };
}

function wantedOf(rest: string): Wanted | null {
  if (CARD.test(rest)) return { what: 'card' };
  const { key = '', path = '' } = INTERFACE.exec(rest)?.groups ?? {};
  return key === '' || STEP.test(path.split('?', 1)[0] ?? '') ? null : { what: 'interface', key, path };
}

/** Parameters that carry a credential of the caller (RFC 6750), which is for this proxy: they go no further, as `Authorization` does not. */
const CREDENTIALS = new Set(['access_token']);

/** The real URL of an interface, with what follows it in the request. */
export function urlBelow(real: string, path: string): URL {
  const url = new URL(real);
  const [below = '', ...query] = path.split('?');
  if (below !== '' && below !== '/') url.pathname = url.pathname.replace(/\/$/, '') + below;
  if (query.length > 0) url.search = [url.search.slice(1), withoutCredentials(query.join('?'))].filter((part) => part !== '').join('&');
  return url;
}

/** All other parameters stay as they were spelled. */
function withoutCredentials(query: string): string {
  const pairs = query.split('&');
  return pairs.filter((pair) => ![...new URLSearchParams(pair).keys()].some((name) => CREDENTIALS.has(name.toLowerCase()))).join('&');
}
