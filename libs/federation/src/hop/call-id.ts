import { monotonicFactory } from 'ulid';

/** A new call's id: a ULID, the same on both sides. It names a call and protects nothing, so it may count up. */
export const newCallId: () => string = monotonicFactory();
