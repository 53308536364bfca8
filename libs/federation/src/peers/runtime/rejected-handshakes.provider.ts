import { Injectable } from '@nestjs/common';
import type { EnvelopeDenied } from './envelope.js';
import { LinkTiming } from './link-timing.js';
import { type Span, isOver, seenAgain } from './span.js';

/** Somebody said to be an instance, and was refused. Not authenticated: a hint for people, and never a ground to let anybody in. */
export interface RejectedHandshake extends Span {
  /** The fingerprint of the secret it signed with, as it says. */
  readonly key_id: string;
  readonly denied: EnvelopeDenied;
}

const MAX_NAMES = 256;
const FORM = /^[A-Za-z0-9_-]{1,64}$/;

/** Remembers who was refused last, so that an operator can be told which side lacks what. Bounded: anybody may knock. */
@Injectable()
export class RejectedHandshakes {
  private readonly byRemoteId = new Map<string, RejectedHandshake>();

  constructor(private readonly timing: LinkTiming) {}

  refused(remotePeerId: string, keyId: string, denied: EnvelopeDenied): void {
    if (!FORM.test(remotePeerId) || !FORM.test(keyId)) return;
    const { clock, policy } = this.timing;
    const before = this.byRemoteId.get(remotePeerId);
    this.byRemoteId.delete(remotePeerId);
    this.byRemoteId.set(remotePeerId, { ...seenAgain(before, clock.nowMs(), policy), key_id: keyId, denied });
    for (const oldest of this.byRemoteId.keys()) {
      if (this.byRemoteId.size <= MAX_NAMES) break;
      this.byRemoteId.delete(oldest);
    }
  }

  /** The last one; undefined: there was none, or they have stopped, as when the other side removed this one. */
  of(remotePeerId: string): RejectedHandshake | undefined {
    const { clock, policy } = this.timing;
    const handshake = this.byRemoteId.get(remotePeerId);
    return handshake === undefined || isOver(handshake, clock.nowMs(), policy) ? undefined : handshake;
  }

  /** All who were refused and have not stopped, the newest last. */
  lately(): (readonly [remotePeerId: string, rejected: RejectedHandshake])[] {
    const { clock, policy } = this.timing;
    return [...this.byRemoteId].filter(([, handshake]) => !isOver(handshake, clock.nowMs(), policy));
  }

  /** The peer signed as it should: what was refused before is over. */
  forget(remotePeerId: string): void {
    this.byRemoteId.delete(remotePeerId);
  }
}
