import { createHash } from 'node:crypto';

/** The most that is read of a card. */
export const CARD_BYTES = 256 * 1024;
/** More interfaces than this has no agent. */
const MAX_INTERFACES = 32;

/** What can be passed on: the other bindings are not HTTP requests as these are. */
const BINDINGS: ReadonlySet<string> = new Set(['JSONRPC', 'HTTP+JSON']);

/** Why a card is not passed on. `because` is a clause, for a sentence. */
export interface CardRefused {
  readonly refused: 'too-large' | 'not-json' | 'wrong-type' | 'no-interface';
  readonly because: string;
  /** As far as the card was read. */
  readonly listed: readonly ListedInterface[];
}

/** An interface that a card names. */
export interface ListedInterface {
  /** As it is used; of one that is not, as the card gives it. */
  readonly url: string;
  readonly binding: string;
  /** null: the card does not say. */
  readonly version: string | null;
  /** Why it is left out, a clause; null: it is usable. */
  readonly because: string | null;
}

export interface RewrittenCard {
  readonly body: Buffer;
  readonly etag: string;
  /** Each real URL, by what stands for it in the rewritten card: `.../i/<key>`. */
  readonly interfaces: ReadonlyMap<string, string>;
  /** All that the card names, those that are left out as well. */
  readonly listed: readonly ListedInterface[];
}

export interface Rewriting {
  /** Where the card was read: relative URLs in it start from here. */
  readonly readFrom: URL;
  /** Where callers reach its interfaces, with a slash at its end: `<base>i/<key>`. */
  readonly base: string;
  /** The URL as it is to be used, or why it is not. */
  readonly allow: (url: URL) => URL | { readonly because: string };
}

/**
 * What stands for a real URL. Of the URL itself, so that it is the same after a restart, in every replica and however the interfaces
 * are ordered.
 */
export const interfaceKey = (url: string): string => createHash('sha256').update(url).digest('hex').slice(0, 12);

class Refused extends Error {
  constructor(
    readonly refused: CardRefused['refused'],
    readonly because: string,
  ) {
    super(because);
  }
}

/**
 * The card of another, as it is handed out here: its interfaces lead through us, gRPC and whatever else is no HTTP is gone, as is what may not
 * be reached, and callers authenticate as they do here. Signatures go, since they sign another card. Of 1.0 as of 0.3, and of one that is
 * both. Refused is a card of which no interface is left.
 */
export function rewriteCard(text: Buffer, rewriting: Rewriting): RewrittenCard | CardRefused {
  const interfaces = new Interfaces(rewriting);
  const { real, listed } = interfaces;
  if (text.length > CARD_BYTES) return { refused: 'too-large', because: `it has more than ${CARD_BYTES} bytes`, listed };
  try {
    const body = Buffer.from(JSON.stringify(rewritten(recordOf(parsed(text), 'it'), interfaces)));
    return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`, interfaces: real, listed };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.refused, because: error.because, listed };
    if (error instanceof RangeError) return { refused: 'wrong-type', because: 'it is nested too deep', listed }; // JSON.stringify recurses.
    throw error;
  }
}

type Json = Record<string, unknown>;

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8')) as unknown;
  } catch {
    throw new Refused('not-json', 'it is not JSON');
  }
}

/** Gives every interface its own URL here, and remembers the real one. Lists those that are left out too. */
class Interfaces {
  readonly real = new Map<string, string>();
  readonly listed: ListedInterface[] = [];

  constructor(private readonly rewriting: Rewriting) {}

  /** The URL to hand out; null: this one is left out. */
  proxyUrlOf(value: unknown, binding: unknown, version: unknown): string | null {
    const name = textOf(binding, 'the binding of an interface');
    const isPassedOn = BINDINGS.has(name.toUpperCase());
    const text = isPassedOn ? textOf(value, 'the url of an interface') : String(value);
    const checked = isPassedOn ? this.checked(text) : { because: 'its binding is not passed on, only JSONRPC and HTTP+JSON are' };
    const said = { binding: name, version: typeof version === 'string' ? version : null };
    if (!(checked instanceof URL)) {
      this.listed.push({ url: text, ...said, because: checked.because });
      return null;
    }
    const key = interfaceKey(checked.href);
    this.real.set(key, checked.href);
    this.listed.push({ url: checked.href, ...said, because: null });
    return `${this.rewriting.base}i/${key}`;
  }

  private checked(text: string): URL | { readonly because: string } {
    const url = URL.parse(text, this.rewriting.readFrom.href);
    return url === null ? { because: 'it is not a URL' } : this.rewriting.allow(url);
  }
}

function rewritten(card: Json, interfaces: Interfaces): Json {
  const supported = card['supportedInterfaces'] === undefined ? null : supportedOf(card['supportedInterfaces'], interfaces);
  const legacy = card['url'] === undefined ? null : legacyOf(card, interfaces);
  if ((supported ?? []).length === 0 && legacy === null) throw noInterface(interfaces);
  const rest = Object.fromEntries(Object.entries(card).filter(([name]) => !REPLACED.has(name)));
  if (rest['skills'] !== undefined) rest['skills'] = listOf(rest['skills'], 'skills').map(withoutSecurity);
  const lists = { ...(supported === null ? {} : { supportedInterfaces: supported }), ...legacy };
  return { ...rest, ...lists, ...(legacy === null ? SECURITY : LEGACY_SECURITY) };
}

/** Which they are is not said: where our agents are is nothing for whoever reads the card. */
function noInterface({ listed }: Interfaces): Refused {
  const why = listed.find(({ binding }) => BINDINGS.has(binding.toUpperCase()))?.because;
  if (why == null) return new Refused('no-interface', 'it has no interface over JSON-RPC or HTTP+JSON');
  return new Refused('no-interface', `none of its interfaces may be reached, the first since ${why}`);
}

/** Of 1.0. */
const supportedOf = (value: unknown, interfaces: Interfaces): Json[] =>
  listOf(value, 'supportedInterfaces')
    .map((each) => recordOf(each, 'an interface'))
    .map((each): Json => ({ ...each, url: interfaces.proxyUrlOf(each['url'], each['protocolBinding'], each['protocolVersion']) }))
    .filter(({ url }) => url !== null);

/** Of 0.3: `url` is that of the preferred transport, and the next one that is left steps in where that is left out. null: none is left. */
function legacyOf(card: Json, interfaces: Interfaces): Json | null {
  const more = card['additionalInterfaces'] === undefined ? [] : listOf(card['additionalInterfaces'], 'additionalInterfaces');
  const preferred: Json = { url: card['url'], transport: card['preferredTransport'] ?? 'JSONRPC' };
  const [first, ...others] = [preferred, ...more.map((each) => recordOf(each, 'an interface'))]
    .map((each): Json => ({ ...each, url: interfaces.proxyUrlOf(each['url'], each['transport'], card['protocolVersion']) }))
    .filter(({ url }) => url !== null);
  if (first === undefined) return null;
  return { url: first['url'], preferredTransport: first['transport'], ...(more.length === 0 ? {} : { additionalInterfaces: others }) };
}

const withoutSecurity = (skill: unknown): Json => {
  const { security: _, securityRequirements: __, ...rest } = recordOf(skill, 'a skill');
  return rest;
};

/** What speaks of the other's own interfaces and credentials, or signs that it did. */
const REPLACED: ReadonlySet<string> = new Set([
  ...['supportedInterfaces', 'url', 'preferredTransport', 'additionalInterfaces', 'signatures'],
  ...['securitySchemes', 'securityRequirements', 'security'],
]);

const OURS = 'clawbutler';
const DESCRIPTION = 'A service token of the ClawButler instance that serves this card, of role operator or more.';
const SECURITY = {
  securitySchemes: { [OURS]: { httpAuthSecurityScheme: { scheme: 'bearer', description: DESCRIPTION } } },
  securityRequirements: [{ schemes: { [OURS]: { list: [] } } }],
};
const LEGACY_SECURITY = {
  securitySchemes: { [OURS]: { type: 'http', scheme: 'bearer', description: DESCRIPTION } },
  security: [{ [OURS]: [] }],
};

function recordOf(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new Refused('wrong-type', `${what} is not an object`);
}

function listOf(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new Refused('wrong-type', `${what} is not a list`);
  if (what !== 'skills' && value.length > MAX_INTERFACES)
    throw new Refused('wrong-type', `${what} has more than ${MAX_INTERFACES} entries`);
  return value;
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new Refused('wrong-type', `${what} is not text`);
}
