import { Injectable } from '@nestjs/common';
import { LinkTiming } from './link-timing.js';
import type { RefusalCause } from './refusal-cause.js';
import { type Span, isOver, seenAgain } from './span.js';

interface Kept extends Span {
  readonly cause: RefusalCause;
  /** When the request says that it was signed, ms since 1970. */
  readonly signedMs: number;
}

/**
 * Why requests of each peer were refused, as far as a signature proves it. A request that was recorded and is sent again adds nothing: it
 * must be signed later than anything that this peer signed before and that came here.
 */
@Injectable()
export class ProvenRefusals {
  private readonly refused = new Map<string, Kept>();
  /** By peer: when the newest request that was let in says that it was signed, and when it came. */
  private readonly good = new Map<string, { readonly signedMs: number; readonly atMs: number }>();

  constructor(private readonly timing: LinkTiming) {}

  /** The peer signed as it should: what was refused before is over. */
  admitted(peerId: string, signedMs: number): void {
    this.refused.delete(peerId);
    const before = this.good.get(peerId)?.signedMs ?? 0;
    this.good.set(peerId, { signedMs: Math.max(before, signedMs), atMs: this.timing.clock.nowMs() });
  }

  /** Whether it is news, and no good signature of the peer came within three intervals. Only then it is kept. */
  refuse(peerId: string, cause: RefusalCause, signedMs: number): boolean {
    const { clock, policy } = this.timing;
    const nowMs = clock.nowMs();
    const good = this.good.get(peerId);
    if (good !== undefined && (signedMs <= good.signedMs || nowMs - good.atMs < policy.gone * policy.heartbeatMs)) return false;
    const before = this.refused.get(peerId);
    if (before !== undefined && signedMs <= before.signedMs) return false;
    this.refused.set(peerId, { ...seenAgain(before, nowMs, policy), cause, signedMs });
    return true;
  }

  /** The cause of what is being refused of a peer; null: nothing is, or its requests have stopped. */
  of(peerId: string): RefusalCause | null {
    const kept = this.refused.get(peerId);
    return kept === undefined || isOver(kept, this.timing.clock.nowMs(), this.timing.policy) ? null : kept.cause;
  }

  forget(peerId: string): void {
    this.refused.delete(peerId);
    this.good.delete(peerId);
  }
}
