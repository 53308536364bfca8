import { monotonicFactory } from 'ulid';

/**
 * A new call's id: a ULID, the same on both sides. It names a call and protects nothing, so it may count up, and its random part be of the
 * plain kind: the other takes longer than all that is signed.
 */
export const newCallId: () => string = monotonicFactory(Math.random);
