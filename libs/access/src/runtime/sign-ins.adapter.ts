import type { Credentials, SignIn } from './credentials.adapter.js';
import { Endings } from './endings.adapter.js';
import type { KnownSecrets } from './known-secrets.adapter.js';
import { AccessUnavailable } from '../adapters/postgres.adapter.js';
import type { Rights } from './rights.adapter.js';
import { hashOf, kindOf } from '../adapters/secret.adapter.js';

/** So long what PostgreSQL said is taken as still so. */
export const FRESH_MS = 30_000;
/** So long what it said last counts while it does not answer. */
export const OUTAGE_MS = 15 * 60_000;
/** How long it is left in peace after it did not answer. */
const ASK_AGAIN_MS = 2_000;
/** The least recently used goes first. */
export const MAX_KNOWN = 1_000;
/** So long a secret is taken for unknown after PostgreSQL did not know it. */
export const MISS_MS = 5_000;
/** The oldest goes first. */
export const MAX_UNKNOWN = 1_000;
/** So many secrets that are not known here are asked for at once: a queue that the few connections are through with in no time. */
export const MAX_UNKNOWN_ASKED = 32;

interface Known {
  readonly signIn: SignIn;
  readonly confirmedAt: number;
  askAgainAt: number;
}

/**
 * Who signs in with a secret, from PostgreSQL and a short memory of what it said.
 *
 * A sign-in is remembered as confirmed for 30 s, then asked for again. While PostgreSQL does not answer, what it confirmed last
 * counts for 15 minutes, so that operators can look at the very system that is broken; nobody is let in whom it did not confirm
 * within that time. An expiry, and what the facts say (`Rights`), are looked at every time.
 *
 * A revocation counts at once in the process that carries it out, where `forget` is part of it, and in one that follows the facts
 * (`Revocations`); in others after 30 s at the latest. A process that is cut off from a PostgreSQL that others still reach learns of it when the line is back, or 15 minutes
 * after it was cut.
 *
 * Strangers wear nobody out: a secret that PostgreSQL did not know is not asked for again for 5 s, and of those that are not known here 32
 * are asked for at once; for more it cannot be told who they are. Those that are known, here or by their hash (`KnownSecrets`), are asked
 * for all the same.
 *
 * What leaves the memory: what is revoked here, what PostgreSQL no longer knows, what has expired, and past 1,000 the least
 * recently used. Only hashes are in it. A restart begins with nothing.
 */
export class SignIns {
  /** By hash; the least recently used first. */
  private readonly known = new Map<string, Known>();
  /** Until when, by hash, PostgreSQL is not asked again for what it did not know; the oldest first. */
  private readonly unknown = new Map<string, number>();
  private unknownAsked = 0;
  /** Grows when something is forgotten: an answer that was on its way then may be out of date, and is not remembered. */
  private forgotten = 0;
  private readonly endings: Endings;

  constructor(
    private readonly credentials: Pick<Credentials, 'find'>,
    private readonly rights: Pick<Rights, 'letIn' | 'isOver' | 'endsAt'>,
    private readonly secrets: KnownSecrets,
    private readonly now: () => number = Date.now,
  ) {
    this.endings = new Endings(rights, now);
  }

  /** null: nobody, or not any more. Throws `AccessUnavailable` when it cannot be told. */
  async of(secret: string): Promise<SignIn | null> {
    const kind = kindOf(secret);
    if (kind === null) return null;
    const hash = hashOf(secret);
    const known = this.known.get(hash);
    const signIn = known === undefined ? await this.askUnknown(kind, hash) : await this.askAgain(kind, hash, known);
    if (signIn === null) return null;
    if (!this.hasExpired(signIn) && (await this.rights.letIn(signIn.actor))) return signIn;
    this.known.delete(hash);
    return null;
  }

  /** To be called after the row is gone, and not before. Ends what the actor has open. */
  forget(actor: string): void {
    this.forgotten++;
    this.secrets.forget(actor);
    for (const [hash, { signIn }] of this.known) if (signIn.actor === actor) this.known.delete(hash);
    this.endings.take(actor);
  }

  /** See `Caller.onEnd`. */
  onEnd(signIn: Pick<SignIn, 'actor' | 'expires_at'>, ended: () => void): () => void {
    return this.endings.on(signIn, ended);
  }

  /** A fact has said when the right of this actor ends. */
  endSet(actor: string): void {
    this.endings.look(actor);
  }

  private async askAgain(kind: 'token' | 'session', hash: string, known: Known): Promise<SignIn | null> {
    return this.now() < known.askAgainAt ? this.used(hash, known) : this.ask(kind, hash);
  }

  private async askUnknown(kind: 'token' | 'session', hash: string): Promise<SignIn | null> {
    if (this.secrets.actorOfHash(hash) !== null) return this.ask(kind, hash);
    if (this.now() < (this.unknown.get(hash) ?? 0)) return null;
    if (this.unknownAsked >= MAX_UNKNOWN_ASKED) throw new AccessUnavailable();
    this.unknownAsked++;
    try {
      const found = await this.ask(kind, hash);
      if (found === null) this.miss(hash);
      return found;
    } finally {
      this.unknownAsked--;
    }
  }

  private miss(hash: string): void {
    this.unknown.delete(hash);
    this.unknown.set(hash, this.now() + MISS_MS);
    const [oldest] = this.unknown.keys();
    if (this.unknown.size > MAX_UNKNOWN && oldest !== undefined) this.unknown.delete(oldest);
  }

  private async ask(kind: 'token' | 'session', hash: string): Promise<SignIn | null> {
    const forgotten = this.forgotten;
    try {
      const found = await this.credentials.find(kind, hash);
      if (found === null) this.dropped(hash);
      else if (forgotten === this.forgotten) this.remember(hash, found);
      return found;
    } catch (error) {
      if (!(error instanceof AccessUnavailable)) throw error;
      const known = this.known.get(hash); // Not as it was when asked: it may have been revoked since.
      if (known === undefined || this.now() >= known.confirmedAt + OUTAGE_MS) throw error;
      known.askAgainAt = this.now() + ASK_AGAIN_MS;
      return this.used(hash, known);
    }
  }

  private dropped(hash: string): void {
    this.known.delete(hash);
    this.secrets.drop(hash);
  }

  private remember(hash: string, signIn: SignIn): void {
    const now = this.now();
    this.secrets.keep(hash, signIn);
    this.used(hash, { signIn, confirmedAt: now, askAgainAt: now + FRESH_MS });
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MAX_KNOWN) break;
      this.known.delete(oldest);
    }
  }

  /** Moves it to the end of the line. */
  private used(hash: string, known: Known): SignIn {
    this.known.delete(hash);
    this.known.set(hash, known);
    return known.signIn;
  }

  private hasExpired({ expires_at }: SignIn): boolean {
    return expires_at !== null && Date.parse(expires_at) <= this.now();
  }
}
