import { createHash } from 'node:crypto';
import { JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { type NatsConnection, headers } from '@nats-io/transport-node';
import { Once } from './once.js';
import { isSilence, spoken } from './silence.js';

/** The bucket's subjects: a key-value bucket is a stream by this name, whatever client looks at it. */
export const ONCE_BUCKET = 'ONCE';
const TIMEOUT_MS = 2_000;
const WRONG_LAST_SEQUENCE = 10071;

/** A key-value bucket whose entries end by themselves; `create` is a message that expects to be the first on its subject. */
export class LogOnce extends Once {
  constructor(private readonly nc: NatsConnection) {
    super();
  }

  async first(key: string): Promise<boolean> {
    const head = headers();
    head.set('Nats-Expected-Last-Subject-Sequence', '0');
    const subject = `$KV.${ONCE_BUCKET}.${createHash('sha256').update(key).digest('hex')}`;
    try {
      await spoken(() => jetstream(this.nc).publish(subject, '', { headers: head, timeout: TIMEOUT_MS }));
      return true;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === WRONG_LAST_SEQUENCE && !isSilence(error)) return false;
      throw error;
    }
  }
}
