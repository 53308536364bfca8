import { createHash } from 'node:crypto';
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import type { Mark } from './log-marks.js';

/** The mark of a stored message. */
export function markOf(message: StoredMsg): Mark {
  const id = message.header.get('ce-id');
  return { sequence: message.seq, stored_at: message.timestamp, message: id === '' ? hashOf(message) : id };
}

/** The mark of the message at `sequence`, from the leader; null: it is not there. Throws what the client throws. */
export async function markAt(jsm: JetStreamManager, stream: string, sequence: number): Promise<Mark | null> {
  if (sequence < 1) return null; // No message has it, and the server takes it for a bad request.
  const message = await jsm.streams.getMessage(stream, { seq: sequence });
  return message === null ? null : markOf(message);
}

function hashOf({ subject, header, data }: StoredMsg): string {
  const hash = createHash('sha256').update(`${subject}\n`);
  for (const [name, values] of header) for (const value of values) hash.update(`${name}: ${value}\n`);
  return `sha256:${hash.update('\n').update(data).digest('hex')}`;
}
