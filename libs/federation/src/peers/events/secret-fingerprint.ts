import { Matches } from 'class-validator';

const FINGERPRINT = /^[0-9a-f]{4}(?:-[0-9a-f]{4}){3}$/u;

/** `3f2a-91bc-04de-77a1`: the same on both sides for the same secret, so that operators can compare without showing it. */
export const IsFingerprint = (): PropertyDecorator => Matches(FINGERPRINT, { message: '$property must be four groups of four hex digits' });
