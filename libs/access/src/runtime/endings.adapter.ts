import type { Rights } from './rights.adapter.js';

/** The longest delay of a timer, ms. */
const LONGEST_MS = 2 ** 31 - 1;

interface Open {
  readonly actor: string;
  /** ms; Infinity: never. */
  readonly expiresAt: number;
  readonly ended: () => void;
  timer?: NodeJS.Timeout | undefined;
}

/**
 * Tells each answer that goes on for long when the right of its caller ends: when a fact takes the right, when the token or session
 * expires, and when a rotated token's overlap is over. Nothing is asked at intervals.
 */
export class Endings {
  private readonly open = new Map<string, Set<Open>>();

  constructor(
    private readonly rights: Pick<Rights, 'isOver' | 'endsAt'>,
    private readonly now: () => number,
  ) {}

  /** See `Caller.onEnd`. */
  on({ actor, expires_at }: { readonly actor: string; readonly expires_at: string | null }, ended: () => void): () => void {
    const one: Open = { actor, ended, expiresAt: expires_at === null ? Infinity : Date.parse(expires_at) };
    const ofActor = this.open.get(actor) ?? new Set();
    this.open.set(actor, ofActor.add(one));
    this.arm(one);
    return () => this.close(one);
  }

  /** The right of this actor was taken. */
  take(actor: string): void {
    for (const one of this.open.get(actor) ?? []) this.end(one);
  }

  /** When the right of this actor ends may have changed. */
  look(actor: string): void {
    for (const one of this.open.get(actor) ?? []) this.arm(one);
  }

  private arm(one: Open): void {
    clearTimeout(one.timer);
    const leftMs = Math.min(one.expiresAt, this.rights.endsAt(one.actor)) - this.now();
    if (leftMs <= 0 || this.rights.isOver(one.actor)) return this.end(one);
    if (leftMs !== Infinity) one.timer = setTimeout(() => this.arm(one), Math.min(leftMs, LONGEST_MS)).unref();
  }

  private end(one: Open): void {
    this.close(one);
    one.ended();
  }

  private close(one: Open): void {
    clearTimeout(one.timer);
    const ofActor = this.open.get(one.actor);
    ofActor?.delete(one);
    if (ofActor?.size === 0) this.open.delete(one.actor);
  }
}
