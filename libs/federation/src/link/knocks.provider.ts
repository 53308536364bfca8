import { Injectable } from '@nestjs/common';
import type { EnvelopeDenied } from './envelope.js';

/** Somebody said to be an instance, and was refused. Not authenticated: a hint for people, and never a ground to let anybody in. */
export interface Knock {
  readonly atMs: number;
  /** The fingerprint of the secret it signed with, as it says. */
  readonly key_id: string;
  readonly denied: EnvelopeDenied;
}

const MAX_NAMES = 256;
const FORM = /^[A-Za-z0-9_-]{1,64}$/;

/** Remembers who was refused last, so that an operator can be told which side lacks what. Bounded: anybody may knock. */
@Injectable()
export class Knocks {
  private readonly byRemoteId = new Map<string, Knock>();

  refused(remotePeerId: string, keyId: string, denied: EnvelopeDenied, nowMs = Date.now()): void {
    if (!FORM.test(remotePeerId) || !FORM.test(keyId)) return;
    this.byRemoteId.delete(remotePeerId);
    this.byRemoteId.set(remotePeerId, { atMs: nowMs, key_id: keyId, denied });
    for (const oldest of this.byRemoteId.keys()) {
      if (this.byRemoteId.size <= MAX_NAMES) break;
      this.byRemoteId.delete(oldest);
    }
  }

  of(remotePeerId: string): Knock | undefined {
    return this.byRemoteId.get(remotePeerId);
  }
}
