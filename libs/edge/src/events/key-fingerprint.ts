import { Matches } from 'class-validator';

const FINGERPRINT = /^[0-9a-f]{4}(?:-[0-9a-f]{4}){7}$/u;

/** The first half of the SHA-256 of a public key, so that whoever sits at the agent's host can compare. */
export const IsFingerprint = (): PropertyDecorator =>
  Matches(FINGERPRINT, { message: '$property must be eight groups of four hex digits' });
