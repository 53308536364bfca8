import { IsInt, Max, Min } from 'class-validator';
import { IsId, type Instant, IsText } from '@app/kernel';

/** Requests over NATS to the process `federation`: their names, which are subjects, and their shapes. */
export const TEST_LINK = 'federation.test-link';
export const TEST_PEER = 'federation.test-peer';
export const RETRY_PEER = 'federation.retry-peer';
export const SHOWN_KEY = 'federation.shown-key';
export const STRANGERS = 'federation.strangers';

/** A link that is not saved. */
export class LinkToTest {
  @IsText(2048) url: string;

  @IsId() remote_peer_id: string;

  /** By a `SecretBox`, under the name of the question. */
  @IsText(4096) sealed_secret: string;
}

export class PeerToTry {
  @IsId() peer_id: string;
}

/** Asks who was refused lately and is registered nowhere here. */
export class StrangersAsked {
  /** So many of them are named. */
  @IsInt() @Min(1) @Max(64) most: number;
}

/** Not authenticated: anybody can say to be any instance. Both names have the form of one. */
export interface Stranger {
  readonly instance_id: string;
  /** The fingerprint of the secret that it says to have signed with. */
  readonly key_id: string;
  readonly since: Instant;
  readonly last_at: Instant;
}

/** Those who came last, and how many there are in all. */
export interface Strangers {
  readonly total: number;
  readonly latest: readonly Stranger[];
}

/** The key that a peer shows and proves to hold; null: it shows none so. */
export interface KeyAnswer {
  readonly key: { readonly public_key: string; readonly fingerprint: string } | null;
}
