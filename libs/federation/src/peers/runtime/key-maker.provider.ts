import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CommandHandler, InstanceIdentity } from '@app/event-store';
import { Clock, messageOf } from '@app/kernel';
import { keyFingerprint, makeKeyPair } from '@app/config';
import { instanceKey } from '../instance-key.stream.js';
import { InstanceKeyRows } from '../private/instance-key-rows.provider.js';
import { makeInstanceKey } from '../write/make-instance-key/make-instance-key.decide.js';
import { InstanceKeys } from './instance-keys.provider.js';

const RETRY_MS = 5_000;
const ACTOR = 'system:federation';

/**
 * Makes the key of this instance, once. It makes none where a fact names one, whose private half may be lost, and none where a row holds one:
 * an accept of the log may have lost the fact, and peers know this instance by that key.
 */
@Injectable()
export class KeyMaker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('federation.instance-key');
  private readonly clock = new Clock();
  private callOff: () => void = () => undefined;
  private isOver = false;
  private hasFailed = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly keys: InstanceKeys,
    private readonly rows: InstanceKeyRows,
    private readonly commands: CommandHandler,
    private readonly identity: InstanceIdentity,
  ) {}

  onApplicationBootstrap(): void {
    void this.keys.known.then(() => void (this.running = this.tried()));
  }

  async onModuleDestroy(): Promise<void> {
    this.isOver = true;
    this.callOff();
    await this.running;
  }

  /** Writing may fail while the log is closed or a server is away. */
  private async tried(): Promise<void> {
    if (this.isOver) return;
    try {
      await this.make();
    } catch (error) {
      if (!this.hasFailed) this.log.warn(`Cannot make the instance key, retrying every ${RETRY_MS / 1_000} s: ${messageOf(error)}`);
      this.hasFailed = true;
      if (!this.isOver) this.callOff = this.clock.after(RETRY_MS, () => void (this.running = this.tried()));
    }
  }

  private async make(): Promise<void> {
    const { instance_id } = this.identity;
    if ((await this.commands.read(instanceKey.of(instance_id))) !== null) return this.warned();
    const kept = await this.rows.oldest();
    const key_id = kept ?? `key-${randomUUID()}`;
    const key = kept === null ? makeKeyPair() : await this.rows.open(kept);
    if (typeof key === 'string') throw new Error(`private.instance_key holds ${key_id}, which SECRETS_KEY does not open`);
    if (kept === null) await this.rows.keep(key_id, key as ReturnType<typeof makeKeyPair>);
    const { publicKey: public_key } = key;
    const reason = kept === null ? 'first start' : 'the log had no fact about the key that is kept';
    const data = { instance_id, key_id, public_key, key_fingerprint: keyFingerprint(public_key), reason, replaces: null };
    await this.commands.handle(makeInstanceKey, { data, actor: ACTOR });
    const made = await this.commands.read(instanceKey.of(instance_id));
    if (made !== null && made.key_id !== key_id) await this.rows.forget(key_id); // Another process was faster.
  }

  private warned(): void {
    const { state } = this.keys;
    if (state !== 'missing' && state !== 'sealed') return;
    const why =
      state === 'missing' ? 'its row in private.instance_key is gone' : 'SECRETS_KEY does not open its row in private.instance_key';
    this.log.error(`The private half of the instance key is lost: ${why}. Put it back, or make another key: npm run log -- new-key`);
  }
}
