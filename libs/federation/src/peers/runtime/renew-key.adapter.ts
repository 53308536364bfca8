import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { type SecretBox, keyFingerprint, makeKeyPair } from '@app/config';
import type { CommandHandler } from '@app/event-store';
import { instanceKey } from '../instance-key.stream.js';
import { InstanceKeyRows, type OpenedKey } from '../private/instance-key-rows.provider.js';
import { makeInstanceKey } from '../write/make-instance-key/make-instance-key.decide.js';

/** The key is not made anew, and nothing was changed. */
export class RenewRefused extends Error {
  constructor(
    readonly code: 'federation.key-works' | 'federation.key-overtaken',
    message: string,
    readonly next: string,
  ) {
    super(message);
  }
}

export interface Renewal {
  readonly commands: CommandHandler;
  readonly db: DataSource;
  readonly box: SecretBox;
  readonly instanceId: string;
  /** The instance whose key is given up though it works, as typed. */
  readonly confirm: string | undefined;
  /** Who asks. */
  readonly by: string;
}

/**
 * Makes another key of this instance, and answers its fingerprint. A key that works is given up only with the id of the instance as a word:
 * each peer has to confirm the new one. Throws `RenewRefused`, and what the machines throw.
 */
export async function renewKey({ commands, db, box, instanceId: instance_id, confirm, by }: Renewal): Promise<string> {
  const rows = new InstanceKeyRows(db, box);
  const before = await commands.read(instanceKey.of(instance_id));
  const opened = before === null ? 'missing' : await rows.open(before.key_id);
  if (before !== null && typeof opened !== 'string' && confirm !== instance_id)
    throw new RenewRefused(
      'federation.key-works',
      `The key ${before.key_fingerprint} of ${instance_id} is not lost`,
      `To give it up all the same, so that every peer has to confirm another one: npm run log -- new-key --confirm=${instance_id}`,
    );
  const { key_id, publicKey, isKept } = await nextKey(rows, opened);
  const key_fingerprint = keyFingerprint(publicKey);
  const reason = `new-key by ${by}`.slice(0, 200);
  const data = { instance_id, key_id, public_key: publicKey, key_fingerprint, reason, replaces: before?.key_id ?? null };
  await commands.handle(makeInstanceKey, { data, actor: 'system:new-key' });
  const after = await commands.read(instanceKey.of(instance_id));
  if (after?.key_id !== key_id) {
    if (!isKept) await rows.forget(key_id);
    throw new RenewRefused('federation.key-overtaken', 'Another key was made at the same time', 'See it: ap infrastructure doctor');
  }
  await rows.forgetAllBut(key_id);
  return key_fingerprint;
}

/** Where the row of the key is gone, a row that no fact names holds a later key whose fact was lost with the end of the log: peers may know that one. */
async function nextKey(rows: InstanceKeyRows, before: OpenedKey): Promise<{ key_id: string; publicKey: string; isKept: boolean }> {
  const kept = before === 'missing' ? await rows.oldest() : null;
  const key = kept === null ? 'missing' : await rows.open(kept);
  if (kept !== null && typeof key !== 'string') return { key_id: kept, publicKey: key.publicKey, isKept: true };
  const made = makeKeyPair();
  const key_id = `key-${randomUUID()}`;
  await rows.keep(key_id, made);
  return { key_id, publicKey: made.publicKey, isKept: false };
}
