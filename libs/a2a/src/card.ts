import { createHash } from 'node:crypto';

/** The most that is read of a card. */
export const CARD_BYTES = 256 * 1024;
/** More interfaces than this has no agent. */
const MAX_INTERFACES = 32;

/** What can be passed on: the other bindings are not HTTP requests as these are. */
const BINDINGS: ReadonlySet<string> = new Set(['JSONRPC', 'HTTP+JSON']);

/** Why a card is not passed on. `because` is a clause, for a sentence. */
export interface CardRefused {
  readonly refused: 'too-large' | 'not-json' | 'wrong-type' | 'interface-url' | 'no-interface';
  readonly because: string;
}

export interface RewrittenCard {
  readonly body: Buffer;
  readonly etag: string;
  /** Each real URL, by what stands for it in the rewritten card: `.../i/<key>`. */
  readonly interfaces: ReadonlyMap<string, string>;
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
 * The card of another, as it is handed out here: its interfaces lead through us, gRPC and whatever else is no HTTP is gone, and callers
 * authenticate as they do here. Signatures go, since they sign another card. Of 1.0 as of 0.3, and of one that is both.
 */
export function rewriteCard(text: Buffer, rewriting: Rewriting): RewrittenCard | CardRefused {
  if (text.length > CARD_BYTES) return { refused: 'too-large', because: `it has more than ${CARD_BYTES} bytes` };
  try {
    const interfaces = new Map<string, string>();
    const body = Buffer.from(JSON.stringify(rewritten(recordOf(parsed(text), 'it'), new Interfaces(rewriting, interfaces))));
    return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`, interfaces };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.refused, because: error.because };
    if (error instanceof RangeError) return { refused: 'wrong-type', because: 'it is nested too deep' }; // JSON.stringify recurses.
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

/** Gives every interface its own URL here, and remembers the real one. */
class Interfaces {
  constructor(
    private readonly rewriting: Rewriting,
    private readonly real: Map<string, string>,
  ) {}

  /** The URL to hand out. */
  through(value: unknown): string {
    const url = URL.parse(textOf(value, 'the url of an interface'), this.rewriting.readFrom.href);
    if (url === null) throw new Refused('interface-url', 'the url of an interface is not a URL');
    const allowed = this.rewriting.allow(url);
    if (!(allowed instanceof URL)) throw new Refused('interface-url', `the url of an interface may not be reached: ${allowed.because}`);
    const key = interfaceKey(allowed.href);
    this.real.set(key, allowed.href);
    return `${this.rewriting.base}i/${key}`;
  }
}

function rewritten(card: Json, interfaces: Interfaces): Json {
  const isLegacy = card['url'] !== undefined;
  const lists = {
    ...(card['supportedInterfaces'] === undefined ? {} : { supportedInterfaces: supported(card['supportedInterfaces'], interfaces) }),
    ...(isLegacy ? legacyInterfaces(card, interfaces) : {}),
  };
  if (!isLegacy && (lists.supportedInterfaces ?? []).length === 0) throw NO_INTERFACE();
  const rest = Object.fromEntries(Object.entries(card).filter(([name]) => !REPLACED.has(name)));
  if (rest['skills'] !== undefined) rest['skills'] = listOf(rest['skills'], 'skills').map(withoutSecurity);
  return { ...rest, ...lists, ...(isLegacy ? LEGACY_SECURITY : SECURITY) };
}

const NO_INTERFACE = (): Refused => new Refused('no-interface', 'it has no interface over JSON-RPC or HTTP+JSON');

/** Of 1.0. */
function supported(value: unknown, interfaces: Interfaces): Json[] {
  const all = listOf(value, 'supportedInterfaces').map((each) => recordOf(each, 'an interface'));
  return all
    .filter(({ protocolBinding }) => isPassedOn(protocolBinding))
    .map((each) => ({ ...each, url: interfaces.through(each['url']) }));
}

/** Of 0.3: `url` is that of the preferred transport, and the next one that is left steps in where that is gRPC. */
function legacyInterfaces(card: Json, interfaces: Interfaces): Json {
  const more = card['additionalInterfaces'] === undefined ? [] : listOf(card['additionalInterfaces'], 'additionalInterfaces');
  const preferred: Json = { url: card['url'], transport: card['preferredTransport'] ?? 'JSONRPC' };
  const [first, ...others] = [preferred, ...more.map((each) => recordOf(each, 'an interface'))]
    .filter(({ transport }) => isPassedOn(transport))
    .map((each): Json => ({ ...each, url: interfaces.through(each['url']) }));
  if (first === undefined) throw NO_INTERFACE();
  return { url: first['url'], preferredTransport: first['transport'], ...(more.length === 0 ? {} : { additionalInterfaces: others }) };
}

const isPassedOn = (binding: unknown): boolean => BINDINGS.has(textOf(binding, 'the binding of an interface').toUpperCase());

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
