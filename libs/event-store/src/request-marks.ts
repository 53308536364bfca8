import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { CommandKey } from '@app/kernel';

const FORMAT = 'v1';
const KEY_BYTES = 32;
/** Enough to tell the few keys apart that an instance ever has. */
const KEY_ID_BYTES = 6;

/**
 * Marks events with the request that they came of: `v1.<key>.<MAC>`, base64url. Bodies hold secrets that can be guessed, so the mark is a MAC
 * and no hash. It is over the command id as well: equal requests with different keys have different marks, which tell nothing to a
 * reader of the log.
 */
export class RequestMarks {
  private readonly key: KeyObject;
  private readonly keyId: string;

  constructor(secretsKey: Uint8Array) {
    this.key = createSecretKey(Buffer.from(hkdfSync('sha256', secretsKey, '', 'cb-request-v1', KEY_BYTES)));
    this.keyId = this.mac('key').subarray(0, KEY_ID_BYTES).toString('base64url');
  }

  of({ commandId, request }: CommandKey): string | undefined {
    if (request === undefined) return undefined;
    return `${FORMAT}.${this.keyId}.${this.mac(`${commandId}\n${request}`).toString('base64url')}`;
  }

  private mac(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest();
  }
}

/** Whether two marks are of different requests. A mark that is absent, or was made with another key, says nothing. */
export function areOfDifferentRequests(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined || one === other) return false;
  return keyOf(one) !== undefined && keyOf(one) === keyOf(other);
}

const keyOf = (mark: string): string | undefined => /^v1\.[\w-]+(?=\.)/.exec(mark)?.[0];
