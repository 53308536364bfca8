import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InstanceKey, signText } from '@app/config';
import { EventSubscription, InstanceIdentity } from '@app/event-store';
import { type StoredEvent, Clock, messageOf } from '@app/kernel';
import { type MadeKey, instanceKey } from '../instance-key.stream.js';
import { InstanceKeyRows, type OpenedKey } from '../private/instance-key-rows.provider.js';

/**
 * How the key of this instance is:
 *
 *   unread    the facts about it are not read yet, or cannot be read
 *   unmade    no fact names a key. The federation process makes one
 *   ready     a fact names it, and its private half is here
 *   missing   a fact names it, and no row of `private.instance_key` holds its private half
 *   sealed    there is a row that cannot be opened: SECRETS_KEY is another one
 *
 * The last two end by `npm run log -- new-key`, or when the row or SECRETS_KEY is put back.
 */
export type KeyState = 'unread' | 'unmade' | 'ready' | 'missing' | 'sealed';

const RETRY_MS = 5_000;
/** A row that is lost or put back is noticed within this, ms. */
const LOOK_MS = 60_000;

/** Follows the key of this instance in the facts and keeps its private half in memory, for a process that shows the key or signs with it. */
@Injectable()
export class InstanceKeys extends InstanceKey implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('federation.instance-key');
  private readonly stop = new AbortController();
  private readonly clock = new Clock();
  private made: MadeKey = null;
  /** The private half of one key, or why it is not here. */
  private opened: { readonly keyId: string; readonly key: OpenedKey } | null = null;
  private hasCaughtUp = false;
  private isLost = false;
  private isSilent = false;
  private callOff: () => void = () => undefined;
  private readonly first = Promise.withResolvers<void>();

  constructor(
    private readonly subscription: EventSubscription,
    private readonly rows: InstanceKeyRows,
    private readonly identity: InstanceIdentity,
  ) {
    super();
  }

  async onApplicationBootstrap(): Promise<void> {
    const reader = {
      hear: (fact: StoredEvent) => this.hear(fact),
      unreadable: (_subject: string, { detail }: { detail: string }) =>
        this.lost(`A fact about the instance key cannot be read: ${detail}`),
      again: () => void (this.made = null),
    };
    try {
      await this.subscription.watch([instanceKey.name], reader, this.stop.signal, (error) => this.lost(messageOf(error)));
      this.hasCaughtUp = true;
      await this.open();
    } catch (error) {
      if (!this.stop.signal.aborted) this.lost(messageOf(error));
    }
  }

  onModuleDestroy(): void {
    this.stop.abort();
    this.callOff();
  }

  get isKnown(): boolean {
    return this.state !== 'unread' || this.isLost;
  }

  get known(): Promise<void> {
    return this.first.promise;
  }

  get publicKey(): string | null {
    return this.made?.public_key ?? null;
  }

  get fingerprint(): string | null {
    return this.made?.key_fingerprint ?? null;
  }

  get state(): KeyState {
    if (!this.hasCaughtUp || this.isLost) return 'unread';
    if (this.made === null) return 'unmade';
    const { key } = this;
    return key === null ? 'unread' : typeof key === 'string' ? key : 'ready';
  }

  sign(text: string): string | null {
    const { key } = this;
    return key === null || typeof key === 'string' ? null : signText(key.privateKey, text);
  }

  /** Looks again whether the private half is here. Throws what the database throws. */
  async look(): Promise<KeyState> {
    const { made } = this;
    if (made !== null) {
      const key = await this.rows.open(made.key_id);
      // A row with another key than the fact names is not the private half of that key.
      this.opened = { keyId: made.key_id, key: typeof key !== 'string' && key.publicKey !== made.public_key ? 'missing' : key };
    }
    if (this.isKnown) this.first.resolve();
    return this.state;
  }

  private get key(): OpenedKey | null {
    return this.made !== null && this.opened?.keyId === this.made.key_id ? this.opened.key : null;
  }

  private hear(fact: StoredEvent): void {
    const { instance_id } = fact.data as { instance_id: string };
    if (instance_id !== this.identity.instance_id) return;
    this.made = instanceKey.next(this.made, fact);
    if (this.hasCaughtUp) void this.open();
  }

  private async open(): Promise<void> {
    this.callOff();
    try {
      await this.look();
      this.isSilent = false;
      this.later(LOOK_MS);
    } catch (error) {
      if (!this.isSilent) this.log.warn(`Cannot read the instance key, retrying every ${RETRY_MS / 1_000} s: ${messageOf(error)}`);
      this.isSilent = true;
      this.later(RETRY_MS);
    }
  }

  private later(ms: number): void {
    this.callOff();
    if (!this.stop.signal.aborted) this.callOff = this.clock.after(ms, () => void this.open());
  }

  /** Links go on without a key: what is shown of it is missed by peers that have pinned it, and they say so. */
  private lost(why: string): void {
    this.isLost = true;
    this.made = null;
    this.log.error(`Shows no instance key until a restart: ${why}`);
    this.first.resolve();
  }
}

/** What shows the key or signs with it asks for `InstanceKey`. */
export const ownKey = { provide: InstanceKey, useExisting: InstanceKeys };
