import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';

/** An Ed25519 key pair. `publicKey`: the 32 bytes, base64url. `privateKey`: PKCS#8 DER, base64url; secret. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The key of this instance, as far as the process may use it. */
export abstract class InstanceKey {
  /** The public half, base64url; null: no key was made yet, or the log has not been read yet. */
  abstract get publicKey(): string | null;

  /** Whether it is known by now what the key is and whether its private half is here: until then a message would hide it. */
  abstract get isKnown(): boolean;

  /** Resolves when `isKnown`. */
  abstract get known(): Promise<void>;

  /** The signature of a text, base64url; null: this process does not have the private half. Does not throw. */
  abstract sign(text: string): string | null;
}

export function makeKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  const der = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64url');
  return { publicKey: publicKeyOf(der), privateKey: der };
}

const privateKeyIn = (der: string) => createPrivateKey({ key: Buffer.from(der, 'base64url'), type: 'pkcs8', format: 'der' });

/** The public half of a private key. Throws what OpenSSL says of one that is no key. */
export const publicKeyOf = (privateKey: string): string =>
  (createPublicKey(privateKeyIn(privateKey)).export({ format: 'jwk' }) as { x: string }).x;

/** The first half of the SHA-256 of a public key in eight groups, for people to compare. */
export function keyFingerprint(publicKey: string): string {
  const digits = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex').slice(0, 32);
  return digits.match(/.{4}/g)?.join('-') ?? '';
}

export const signText = (privateKey: string, text: string): string =>
  sign(null, Buffer.from(text), privateKeyIn(privateKey)).toString('base64url');

/** Whether the holder of that key signed the text. Does not throw: what is no key signed nothing. */
export function isSignedText(publicKey: string, text: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}
