import { Injectable, Logger } from '@nestjs/common';
import { CommandHandler } from '@app/event-store';
import { messageOf } from '@app/kernel';
import type { ShownKey } from './key-proof.adapter.js';
import type { CachedPeer } from './cached-peer.js';
import { PeerCache } from './peer-cache.provider.js';
import { type Proven, pinFirstKey } from '../write/pin-peer-key/pin-peer-key.decide.js';

const ACTOR = 'system:federation';

/** What each peer last showed of its key, in a message that the shared secret authenticates. The first key of a verified peer is pinned. */
@Injectable()
export class ShownKeys {
  private readonly log = new Logger('federation.keys');
  private readonly shown = new Map<string, ShownKey>();
  private readonly pinning = new Map<string, Promise<void>>();
  private readonly failed = new Set<string>();

  constructor(
    private readonly peers: PeerCache,
    private readonly commands: CommandHandler,
  ) {}

  see({ peer_id }: Pick<CachedPeer, 'peer_id'>, shown: ShownKey): void {
    const peer = this.peers.get(peer_id);
    if (peer === undefined) return;
    this.shown.set(peer_id, shown);
    if (shown.kind !== 'proven' || peer.key !== null || peer.lifecycle !== 'active' || this.pinning.has(peer_id)) return;
    this.pinning.set(
      peer_id,
      this.pin(peer, shown).finally(() => this.pinning.delete(peer_id)),
    );
  }

  /** null: nothing was heard of it since this process started. */
  of(peerId: string): ShownKey | null {
    return this.shown.get(peerId) ?? null;
  }

  forget(peerId: string): void {
    this.shown.delete(peerId);
    this.failed.delete(peerId);
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await Promise.all(this.pinning.values());
  }

  /** Where it fails, the next message of the peer tries again. */
  private async pin({ peer_id }: CachedPeer, { public_key, fingerprint }: Proven): Promise<void> {
    try {
      await this.commands.handle(pinFirstKey, { data: { peer_id, public_key, fingerprint }, actor: ACTOR });
      this.failed.delete(peer_id);
    } catch (error) {
      if (!this.failed.has(peer_id))
        this.log.warn(`Cannot pin the key of ${peer_id}, trying again at its next message: ${messageOf(error)}`);
      this.failed.add(peer_id);
    }
  }
}
