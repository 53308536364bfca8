import { type BatchAck, JetStreamApiError, type PubAck } from '@nats-io/jetstream';
import { type MsgHdrs, type NatsConnection, nuid } from '@nats-io/transport-node';

/** One message of a batch, its headers whole: id and expectation among them. */
export interface BatchMessage {
  readonly subject: string;
  readonly headers: MsgHdrs;
  readonly data: string;
}

type Answer = PubAck & Partial<BatchAck> & { error?: ConstructorParameters<typeof JetStreamApiError>[0] };

/**
 * Publishes 1 to 1000 messages, all of them or none, with an expectation on the first of each subject. One message needs no
 * batch. Throws `JetStreamApiError` with the server's own code, and what a NATS request throws when no answer came.
 *
 * Not the client's own `Batch`: that drops `expect` and `msgID` of what is added, and hides what the server answered.
 */
export async function publishAtomic(nc: NatsConnection, messages: readonly BatchMessage[], timeoutMs: number): Promise<PubAck> {
  const last = messages.at(-1);
  if (last === undefined || messages.length > 1000) throw new RangeError(`a batch has 1 to 1000 messages, not ${messages.length}`);
  if (messages.length > 1) {
    const batch = nuid.next();
    messages.forEach(({ headers }, i) => {
      headers.set('Nats-Batch-Id', batch);
      headers.set('Nats-Batch-Sequence', String(i + 1));
    });
    last.headers.set('Nats-Batch-Commit', '1');
    for (const { subject, headers, data } of messages.slice(0, -1)) nc.publish(subject, data, { headers });
  }
  const ack = (await nc.request(last.subject, last.data, { headers: last.headers, timeout: timeoutMs })).json<Answer>();
  if (ack.error !== undefined) throw new JetStreamApiError(ack.error);
  return ack;
}
