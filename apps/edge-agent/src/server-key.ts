import { keyFingerprint } from '../../../libs/edge/src/tunnel.protocol.js';
import { messageOf } from './failure.js';
import type { State } from './state.js';

/** The key of the server as `status` shows it: fingerprints; null: there is none. */
export interface ServerKeyStatus {
  pinned: string | null;
  shown: string | null;
  /** The key that is shown, base64url. */
  public_key: string | null;
  /** What is wrong with it; null: nothing is. */
  sentence: string | null;
}

/**
 * The key of the server, as this agent pinned it at its join, or at the first welcome that showed one. Another key, or none, changes nothing
 * of the tunnel: the agent says so, and a person on this host pins the other one.
 */
export class ServerKey {
  private shown: string | null = null;
  private isSeen = false;
  private told: string | null = null;

  constructor(
    private readonly state: Pick<State, 'pinnedKey' | 'pinKey'>,
    private readonly now: () => string,
    private readonly say: (line: string) => void,
  ) {}

  /** A welcome. Throws nothing. */
  welcomed(publicKey: string | undefined): void {
    this.shown = publicKey ?? null;
    this.isSeen = true;
    try {
      if (this.shown !== null && this.state.pinnedKey() === null) this.state.pinKey({ public_key: this.shown, pinned_at: this.now() });
    } catch (error) {
      return this.say(`${messageOf(error)}. The key of the server is not pinned.`);
    }
    const { sentence } = this.status;
    if (sentence !== null && sentence !== this.told) this.say(sentence);
    this.told = sentence;
  }

  get status(): ServerKeyStatus {
    const pinned = fingerprintOf(this.pinned());
    const shown = fingerprintOf(this.shown);
    return {
      pinned,
      shown,
      public_key: this.shown,
      sentence: this.isSeen && pinned !== null && pinned !== shown ? troubleOf(pinned, shown) : null,
    };
  }

  private pinned(): string | null {
    try {
      return this.state.pinnedKey()?.public_key ?? null;
    } catch {
      return null; // It was said at the welcome.
    }
  }
}

const fingerprintOf = (publicKey: string | null): string | null => (publicKey === null ? null : keyFingerprint(publicKey));

const troubleOf = (pinned: string, shown: string | null): string =>
  shown === null
    ? `The server shows no instance key, and ${pinned} is pinned: an older release runs there, or its key is lost.`
    : `The server shows the instance key ${shown}, and ${pinned} is pinned. If its operator made a new key, pin it: edge-agent pin ${shown}`;
