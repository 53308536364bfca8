import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Instant } from '@app/kernel';

/** Another address by which this instance accepts to be asked, for a while: the one before a move, a second name. */
export interface PublicAlias {
  /** An origin without a slash at its end. */
  readonly url: string;
  /** From here on it is refused. */
  readonly endsAt: Instant;
}

/** How others reach what this process answers in public. */
export abstract class PublicOptions {
  /** An origin without a slash at its end: `https://butler.example`. */
  abstract readonly publicUrl: string;
  /** PUBLIC_URL_ALIASES. Absent: none. */
  readonly aliases?: readonly PublicAlias[];
}

/** One part of what is answered in public. It does its own authentication: here nobody is known by a cookie. */
export interface PublicEndpoint {
  /** Paths that start with one of these are its own: `/federation/v1/`. */
  readonly prefixes: readonly string[];
  /** Answers, or throws for a bug: then the listener answers 500. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * Takes the socket over, to bound and to end: the listener counts it no more. An endpoint without this has no upgrades: the listener
   * answers 404.
   */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Why it can answer nobody well before this process is started anew, in a word for `/readyz` (`peers`); null: it can. */
  failing?(): string | null;
  /** The listener closes, and cuts now what did not end in time: whatever of it breaks off breaks off here, and not on the other side. */
  closing?(): void;
}
