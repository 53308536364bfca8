import { hash } from 'node:crypto';
import { JetStreamApiError, type JetStreamClient, jetstream } from '@nats-io/jetstream';
import { type NatsConnection, headers } from '@nats-io/transport-node';
import { type DiskWatch, assertSpace } from './disk-watch.js';
import { LogUnavailable } from './errors.js';
import type { LogGate } from './log-gate.js';
import { NONCE_BUCKET, NonceStore } from './nonce-store.js';
import { withUnavailable } from './unavailable.js';
import { FACTS } from './streams.js';
import { pause } from './pause.js';

const TIMEOUT_MS = 2_000;
const ASK_AGAIN_MS = 20;
const WRONG_LAST_SEQUENCE = 10071;
/** On a cluster: somebody's first use of it is on its way through the group, and may yet come to nothing. */
const SUBJECT_IN_FLIGHT = 10164;

/** A key-value bucket whose entries end by themselves; `create` is a message that expects to be the first on its subject. */
export class LogNonceStore extends NonceStore {
  private readonly js: JetStreamClient;

  constructor(
    nc: NatsConnection,
    private readonly gate: LogGate,
    private readonly disk: Pick<DiskWatch, 'full'> = {},
  ) {
    super();
    this.js = jetstream(nc);
  }

  async first(key: string): Promise<boolean> {
    assertSpace(this.disk);
    const head = headers();
    head.set('Nats-Expected-Last-Subject-Sequence', '0');
    const subject = `$KV.${NONCE_BUCKET}.${hash('sha256', key)}`;
    for (const end = performance.now() + TIMEOUT_MS; performance.now() < end;) {
      await this.gate.pass(FACTS); // A bucket of an older copy has forgotten what was used since.
      try {
        await withUnavailable(() => this.js.publish(subject, '', { headers: head, timeout: TIMEOUT_MS }));
        return true;
      } catch (error) {
        if (!(error instanceof JetStreamApiError) || ![WRONG_LAST_SEQUENCE, SUBJECT_IN_FLIGHT].includes(error.code)) throw error;
        if (error.code === WRONG_LAST_SEQUENCE) return false;
      }
      await pause(ASK_AGAIN_MS);
    }
    throw new LogUnavailable('the log does not say who was first');
  }
}
