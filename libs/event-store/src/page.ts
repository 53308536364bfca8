import type { DirectBatchOptions, JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import { JetStreamStatusError } from '@nats-io/jetstream/internal';
import type { RawMessage } from './envelope.js';
import { readableHeader, readableJson } from './readable.js';

/** Not destructured: these are getters over bytes, and a caller wants few of them. */
export const rawOf = (message: StoredMsg): RawMessage => ({
  subject: message.subject,
  seq: message.seq,
  headers: { get: (name) => readableHeader(headerOf(message, name)) },
  size: message.data.length,
  json: <T>() => JSON.parse(readableJson(message.string())) as T,
});

/** Empty where the message has none, or a block that is no headers: whoever publishes past the client may send anything. */
function headerOf(message: StoredMsg, name: string): string {
  try {
    return message.header.get(name);
  } catch {
    return '';
  }
}

/**
 * Up to `batch` stored messages in one round trip; fewer when there are no more. By callback, since the iterator that the
 * client offers never ends its subscription.
 */
export const pageOf = (jsm: JetStreamManager, stream: string, asked: DirectBatchOptions & { batch: number }): Promise<RawMessage[]> =>
  new Promise((resolve, reject) => {
    const page: RawMessage[] = [];
    const callback = (done: { err?: Error } | null, message: StoredMsg): void => {
      if (done === null) page.push(rawOf(message));
      else if (done.err === undefined || isEmpty(done.err)) resolve(page);
      else reject(done.err);
    };
    jsm.direct.getBatch(stream, { ...asked, callback }).catch(reject);
  });

const NO_MESSAGES = 404;
const isEmpty = (error: Error): boolean => error instanceof JetStreamStatusError && error.code === NO_MESSAGES;
