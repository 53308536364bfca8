export const DIRECTIONS = ['in', 'out'] as const;

/** Which way a call goes: in from a peer to an agent of ours, or out to an agent of a peer. */
export type Direction = (typeof DIRECTIONS)[number];
