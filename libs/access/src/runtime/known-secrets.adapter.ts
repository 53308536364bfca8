import type { Credentials, SignIn } from './credentials.adapter.js';
import { hashOf, kindOf } from '../adapters/secret.adapter.js';

/** Secrets of which the hash is kept; the oldest goes first. Only admins and login codes make any. */
const MAX_SECRETS = 100_000;
/** Interval between two attempts to load them, ms. */
const LOAD_AGAIN_MS = 2_000;

/**
 * The hashes of all tokens and sessions in force. They tell a caller from a stranger before PostgreSQL is asked: the requests of a
 * stranger count to the address they come from, and those of a caller to the caller. Nobody is let in by them (`SignIns` decides).
 *
 * They are loaded at the start, and those of one token or session when a fact says that it is given; what PostgreSQL confirms is added.
 * While PostgreSQL does not answer some may be missing: the next stranger has all of them loaded again, every 2 s at most.
 */
export class KnownSecrets {
  private readonly byHash = new Map<string, SignIn>();
  private isWhole = false;
  private askedAt = -Infinity;

  constructor(
    private readonly credentials: Pick<Credentials, 'inForce'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whose secret this is; null: a stranger's. */
  actorOf(secret: string): string | null {
    return kindOf(secret) === null ? null : this.actorOfHash(hashOf(secret));
  }

  actorOfHash(hash: string): string | null {
    const known = this.byHash.get(hash);
    if (known !== undefined && (known.expires_at === null || Date.parse(known.expires_at) > this.now())) return known.actor;
    this.byHash.delete(hash);
    if (!this.isWhole && this.now() >= this.askedAt + LOAD_AGAIN_MS) void this.load();
    return null;
  }

  keep(hash: string, signIn: SignIn): void {
    this.byHash.delete(hash);
    this.byHash.set(hash, signIn);
    const [oldest] = this.byHash.keys();
    if (this.byHash.size > MAX_SECRETS && oldest !== undefined) this.byHash.delete(oldest);
  }

  drop(hash: string): void {
    this.byHash.delete(hash);
  }

  forget(actor: string): void {
    for (const [hash, known] of this.byHash) if (known.actor === actor) this.byHash.delete(hash);
  }

  /** All of them, or those of one actor. Does not throw: what could not be loaded is loaded later. */
  async load(actor?: string): Promise<void> {
    this.askedAt = this.now();
    try {
      for (const { hash, signIn } of await this.credentials.inForce(actor)) this.keep(hash, signIn);
      this.isWhole ||= actor === undefined;
    } catch {
      this.isWhole = false; // `PrivateTables` has said that PostgreSQL does not answer.
    }
  }
}
