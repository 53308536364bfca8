import { plainToInstance } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min, validateSync } from 'class-validator';
import { type Instant, IsId, IsInstant, IsNullable, IsText } from '@app/kernel';
import { PEER_STATUSES, type PeerStatusWord } from '../events/peer-status.js';

const MAX_VERSION = 1_000;

/** What each side says of itself in everything it says. */
class Said {
  /** A new one each time the process starts. */
  @IsId() boot_id: string;

  /** By the clock of whoever says it. */
  @IsInstant() sent_at: Instant;

  /** The versions of this protocol it speaks. */
  @IsInt() @Min(1) @Max(MAX_VERSION) protocol_min: number;

  @IsInt() @Min(1) @Max(MAX_VERSION) protocol_max: number;

  /** The public half of its instance key, base64url; absent: it has none, or is of an older release. */
  @IsOptional() @IsText(200) instance_key?: string;

  /** By that key, for this message alone: see `key-proof.adapter.ts`. */
  @IsOptional() @IsText(200) key_signature?: string;
}

/** Calls of the other side (`in`) and to it (`out`) since the boot, and what the other side is here. */
class SaidOfYou extends Said {
  @IsInt() @Min(0) calls_in: number;

  @IsInt() @Min(0) calls_out: number;

  @IsIn(PEER_STATUSES) your_status: PeerStatusWord;
}

/**
 * `hello` begins a mutual challenge: the answer, signed for the nonce of this very request, shows that the other side holds the
 * secret, and holds a challenge. `confirm` hands it back, signed, which shows the same of us: a recorded request could not.
 */
export class HelloAsk extends Said {
  @IsIn(['hello', 'confirm']) step: 'hello' | 'confirm';

  /** As it was answered; null in `hello`. */
  @IsNullable() @IsText(200) challenge: string | null;
}

export class HelloAnswer extends Said {
  /** To hand back in `confirm`; null in the answer to that. */
  @IsNullable() @IsText(200) challenge: string | null;

  /** After `confirm`: `pending` when the challenge was not accepted. */
  @IsIn(PEER_STATUSES) your_status: PeerStatusWord;
}

export class HeartbeatAsk extends SaidOfYou {
  /** Counts the heartbeats of one boot, from 1. */
  @IsInt() @Min(1) seq: number;
}

export class HeartbeatAnswer extends SaidOfYou {}

/** Said in a 401, beside the problem, to a peer whose signature proves it: why it is refused all the same. */
export class RefusalAnswer {
  /** By the clock of whoever refuses. */
  @IsInstant() sent_at: Instant;

  @IsIn(['clock', 'address']) cause: 'clock' | 'address';

  /** Host that the request was signed for; null unless `address`. */
  @IsNullable() @IsText(300) signed_for: string | null;

  /** Hosts that are accepted, PUBLIC_URL first, with commas; null unless `address`. */
  @IsNullable() @IsText(1024) accepted: string | null;

  /** When `signed_for` ceased to be accepted; null: it never was, or the cause is another. */
  @IsNullable() @IsInstant() ended_at: Instant | null;
}

/** A body as its shape; undefined: it is not. What a newer side says beyond it is passed over. */
export function understood<Shape extends object>(shape: new () => Shape, body: Buffer): Shape | undefined {
  let plain: unknown;
  try {
    plain = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) return undefined;
  // No message holds an object: what does is not of this version, and is not looked into, since it may be of any depth.
  const flat = Object.fromEntries(Object.entries(plain).filter(([, value]) => typeof value !== 'object' || value === null));
  const instance = plainToInstance(shape, flat);
  return validateSync(instance, { whitelist: true, forbidUnknownValues: true }).length === 0 ? instance : undefined;
}

interface Range {
  readonly min: number;
  readonly max: number;
}
/** Whether both sides speak a version in common. */
export const isCommon = (ours: Range, { protocol_min, protocol_max }: Pick<Said, 'protocol_min' | 'protocol_max'>): boolean =>
  protocol_min <= ours.max && ours.min <= protocol_max;
