import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

const FORMAT = 'v1';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^v1\.([A-Za-z0-9_-]+)$/;

/** What was to be opened cannot be: another key sealed it, it was sealed under another name, or somebody changed it. */
export class SealBroken extends Error {
  readonly code = 'config.seal-broken';

  constructor(readonly sealedAs: string) {
    super(`the secret ${sealedAs} cannot be opened: sealed with another key or under another name, or changed since`);
  }
}

/**
 * Secrets at rest, AES-256-GCM. `v1.` and, as base64url, nonce (12 bytes), ciphertext, tag (16). The name a secret is kept under
 * is authenticated with it, so that a row cannot pass for another; another format or key scheme gets another prefix.
 */
export class SecretBox {
  private readonly key: KeyObject;

  /** Throws `RangeError` unless the key is 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new RangeError(`a secret box needs a key of ${KEY_BYTES} bytes, this one has ${key.length}`);
    this.key = createSecretKey(key); // Not the bytes: a KeyObject shows nothing when it is logged.
  }

  seal(secret: string, name: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, nonce).setAAD(Buffer.from(name));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${FORMAT}.${sealed.toString('base64url')}`;
  }

  /** Throws `SealBroken`. */
  open(sealed: string, name: string): string {
    const bytes = Buffer.from(SEALED.exec(sealed)?.[1] ?? '', 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken(name);
    const decipher = createDecipheriv(CIPHER, this.key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
    } catch {
      throw new SealBroken(name);
    }
  }
}
