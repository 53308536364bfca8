import { Matches } from 'class-validator';

const PUBLIC_KEY = /^[A-Za-z0-9_-]{43}$/u;
const FINGERPRINT = /^[0-9a-f]{4}(?:-[0-9a-f]{4}){7}$/u;

/** The 32 bytes of an Ed25519 key, base64url. */
export const IsPublicKey = (): PropertyDecorator => Matches(PUBLIC_KEY, { message: '$property must be 43 characters of base64url' });

/** The first half of the SHA-256 of a public key, so that two operators can compare. */
export const IsKeyFingerprint = (): PropertyDecorator =>
  Matches(FINGERPRINT, { message: '$property must be eight groups of four hex digits' });
