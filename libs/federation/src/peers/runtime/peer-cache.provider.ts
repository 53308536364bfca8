import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type UnreadableSubject, EventSubscription } from '@app/event-store';
import type { StoredEvent } from '@app/kernel';
import type { PeerId } from '../events/index.js';
import { PeerSecrets } from '../private/peer-secrets.provider.js';
import { type CachedPeer, cachedPeer } from './cached-peer.js';

type Listener = (peerId: PeerId) => void;

/** The peers as the facts have them at this moment, in the memory of a process that speaks with them. */
@Injectable()
export class PeerCache implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('federation.peers');
  private readonly peers = new Map<string, CachedPeer>();
  private readonly byRemote = new Map<string, CachedPeer>();
  private readonly secrets = new Map<string, { readonly secretId: string; readonly revealed: Promise<string | null> }>();
  private readonly listeners = new Set<Listener>();
  private readonly stop = new AbortController();
  private readonly known = Promise.withResolvers<void>();
  private done = false;
  private hasEnded = false;

  constructor(
    private readonly subscription: EventSubscription,
    private readonly vault: PeerSecrets,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.subscription.watch(
        [cachedPeer.name],
        {
          hear: (fact) => this.hear(fact),
          unreadable: (subject, trouble) => this.refuse(subject, trouble),
          again: () => undefined,
        },
        this.stop.signal,
        (error) => this.lost(error),
      );
    } catch (error) {
      if (this.hasEnded) return; // It was said, and all else goes on.
      throw error;
    }
    this.done = !this.hasEnded;
    this.known.resolve();
  }

  onModuleDestroy(): void {
    this.stop.abort();
  }

  /** From here on nobody is known: a peer that is suspended next would not be seen to be. */
  private lost(error: Error): void {
    this.done = false;
    this.hasEnded = true;
    this.log.error(`peers are not followed any more, and nothing is let through until a restart: ${error.message}`);
  }

  /** Resolves when everything that was in the log at the start is known. */
  get caughtUp(): Promise<void> {
    return this.known.promise;
  }

  /** Whether nothing more will be heard of any peer, until a restart. */
  get isLost(): boolean {
    return this.hasEnded;
  }

  get isCaughtUp(): boolean {
    return this.done;
  }

  get(peerId: string): CachedPeer | undefined {
    return this.peers.get(peerId);
  }

  /** By the instance id of the other side. */
  byRemoteId(remotePeerId: string): CachedPeer | undefined {
    return this.byRemote.get(remotePeerId);
  }

  all(): readonly CachedPeer[] {
    return [...this.peers.values()];
  }

  /**
   * The shared secret, opened; null: the peer is not registered, or its secret is gone. Throws what the database throws, and
   * `SealBroken`. Never log it.
   */
  async secretOf(peerId: string): Promise<string | null> {
    const peer = this.peers.get(peerId);
    if (peer === undefined) return null;
    const kept = this.secrets.get(peerId);
    if (kept?.secretId === peer.secret_id) return kept.revealed;
    const revealed = this.vault.reveal(peer.secret_id);
    this.secrets.set(peerId, { secretId: peer.secret_id, revealed });
    try {
      const secret = await revealed;
      if (secret === null) this.secrets.delete(peerId); // It may yet come.
      return secret;
    } catch (error) {
      this.secrets.delete(peerId);
      throw error;
    }
  }

  /** Calls whenever a peer is not what it was, or no more; answers how to end that. */
  onChange(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** A peer whose facts cannot all be read is refused like one that nobody registered, until an admin voids the message. */
  private refuse(subject: string, { position, code, detail }: UnreadableSubject): void {
    const peerId = subject.slice(subject.lastIndexOf('.') + 1) as PeerId;
    const before = this.peers.get(peerId);
    if (before !== undefined && this.byRemote.get(before.remote_peer_id) === before) this.byRemote.delete(before.remote_peer_id);
    this.peers.delete(peerId);
    this.secrets.delete(peerId);
    this.log.error(`Refuses peer ${peerId} until the message at ${position} is voided or can be read (${code}): ${detail}`);
    for (const listener of this.listeners) listener(peerId);
  }

  private hear(fact: StoredEvent): void {
    const { peer_id } = fact.data as { peer_id: PeerId };
    const before = this.peers.get(peer_id);
    const after = cachedPeer.next(before ?? cachedPeer.initial, fact);
    if (before !== undefined && this.byRemote.get(before.remote_peer_id) === before) this.byRemote.delete(before.remote_peer_id);
    if (after === null) {
      this.peers.delete(peer_id);
      this.secrets.delete(peer_id);
    } else {
      this.peers.set(peer_id, after);
      this.byRemote.set(after.remote_peer_id, after);
    }
    for (const listener of this.listeners) listener(peer_id);
  }
}
