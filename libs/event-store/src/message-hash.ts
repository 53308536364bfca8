import { hash } from 'node:crypto';
import type { StoredMsg } from '@nats-io/jetstream';

/** A stored message as bytes. */
export interface StoredBytes {
  readonly subject: string;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

/** What the leader keeps. The client holds it in a field that it does not declare, and decodes it otherwise. */
export function bytesOf(message: StoredMsg): StoredBytes {
  const { smr } = message as unknown as { smr: { message: { hdrs?: string; data?: string } } };
  const bytes = (base64: string | undefined): Uint8Array => Buffer.from(base64 ?? '', 'base64');
  return { subject: message.subject, header: bytes(smr.message.hdrs), body: bytes(smr.message.data) };
}

/** SHA-256 of subject, headers and body, each preceded by its length in bytes and a colon; hexadecimal. */
export function hashOf({ subject, header, body }: StoredBytes): string {
  const parts = [Buffer.from(subject), header, body].flatMap((part) => [Buffer.from(`${part.length}:`), part]);
  return hash('sha256', Buffer.concat(parts));
}
