import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsInt, IsNumber, IsObject, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { type Details, HEALTHS, type Health, type Instant, IsDetails, IsId, IsInstant, IsNullable, IsPosition, IsText } from '@app/kernel';
import { LINK_REASONS, type LinkReason } from '../../events/link-reason.js';
import { IsLabel } from '../../events/peer-label.js';
import { IsPeerUrl } from '../../events/peer-url.js';
import { IsKeyFingerprint } from '../../events/public-key.js';
import { IsFingerprint } from '../../events/secret-fingerprint.js';
import { LIFECYCLES, PEER_STATUSES, type PeerStatus } from '../../peer-status.js';

/** One peer as the facts have it. */
class PeerFacts {
  @ApiProperty() @IsId() peer_id: string;

  @ApiProperty({ description: "The peer's own instance id, bound by its signatures" }) @IsId() remote_peer_id: string;

  @ApiProperty({ description: 'What operators call it' }) @IsLabel() label: string;

  @ApiProperty({ format: 'uri', description: 'Where it answers' }) @IsPeerUrl() url: string;

  @ApiProperty({ enum: LIFECYCLES }) @IsIn(LIFECYCLES) lifecycle: (typeof LIFECYCLES)[number];

  @ApiProperty({ enum: PEER_STATUSES }) @IsIn(PEER_STATUSES) status: PeerStatus['status'];

  @ApiProperty({ enum: HEALTHS }) @IsIn(HEALTHS) health: Health;

  @ApiProperty({ enum: LINK_REASONS, nullable: true, description: 'Why the status is what it is: a code; null: nothing to explain' })
  @IsNullable()
  @IsIn(LINK_REASONS)
  reason: LinkReason | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Names, counts and moments of the latest evaluation; which there are depends on the reason',
  })
  @IsDetails()
  details: Details;

  @ApiProperty({ type: String, format: 'date-time', description: 'When the status became what it is' })
  @IsInstant()
  since: Instant;

  @ApiProperty({ description: 'The same on both sides when both hold the same secret' }) @IsFingerprint() secret_fingerprint: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Of the instance key that is pinned; null: not audited, since the peer has shown none yet or is of an older release',
  })
  @IsNullable()
  @IsKeyFingerprint()
  key_fingerprint: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Since when that key is pinned' })
  @IsNullable()
  @IsInstant()
  key_pinned_at: Instant | null;

  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() registered_at: Instant;

  @ApiProperty() @IsString() registered_by: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When the suspension lifts by itself' })
  @IsNullable()
  @IsInstant()
  suspended_until: Instant | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it last answered us as it should; null: never' })
  @IsNullable()
  @IsInstant()
  last_good_at: Instant | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it is tried again; null: it answers' })
  @IsNullable()
  @IsInstant()
  next_retry_at: Instant | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Since when it is refused until an admin releases it' })
  @IsNullable()
  @IsInstant()
  held_at: Instant | null;

  @ApiProperty({ type: [String], description: 'Positions of the events its status rests on' })
  @ArrayMaxSize(17)
  @IsString({ each: true })
  evidence: string[];
}

/** One peer as the outside sees it: the facts, and what its heartbeats and calls tell. */
export class Peer extends PeerFacts {
  @ApiProperty({ description: 'The reason for people, made of the details when this was answered' }) @IsString() sentence: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Its last signed heartbeat, or answer to one of ours' })
  @IsNullable()
  @IsInstant()
  last_heartbeat_at: Instant | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Of the last heartbeat it answered, ms' })
  @IsNullable()
  @IsNumber()
  @Min(0)
  rtt_ms: number | null;

  @ApiProperty({ type: String, nullable: true, description: 'What this instance is there, as it last said' })
  @IsNullable()
  @IsString()
  their_view: string | null;

  @ApiProperty({ type: 'integer', description: 'A2A calls from it' }) @IsInt() @Min(0) calls_in: number;

  @ApiProperty({ type: 'integer', description: 'A2A calls to it' }) @IsInt() @Min(0) calls_out: number;
}

/** The row: what facts say of a peer, and what tells a resumption what it was before. */
export class PeerRow extends PeerFacts {
  /** When the fact was stored that says what it is. */
  @IsInstant() judged_at: Instant;

  @IsNullable() @IsInstant() verified_at: Instant | null;

  /** What it is again when it is released; null: it is not held. */
  @IsNullable() @IsObject() unheld: { readonly lifecycle: (typeof LIFECYCLES)[number]; readonly until: Instant | null } | null;
}

export class PeerQuery {
  @ApiProperty({ required: false, description: 'The position a command answered with: the answer holds what it wrote' })
  @IsOptional()
  @IsPosition()
  after?: string;
}

export class PeerPath {
  @ApiProperty() @IsId() peer_id: string;
}

/** `<registered_at>~<peer_id>` of the last peer of a page; opaque outside. */
export const CURSOR = /^(?<registered_at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~(?<peer_id>[A-Za-z0-9_-]{1,64})$/;

export class PeerListQuery extends PeerQuery {
  @ApiProperty({ required: false, enum: PEER_STATUSES }) @IsOptional() @IsIn(PEER_STATUSES) status?: PeerStatus['status'];

  @ApiProperty({ required: false, maxLength: 100, description: 'Part of its label, URL, id or instance id; case does not matter' })
  @IsOptional()
  @IsText(100)
  q?: string;

  @ApiProperty({ required: false, type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @Type(() => Number) // Text in a URL becomes a number field by field; implicit conversion would also make `'false'` true.
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  @ApiProperty({ required: false, description: 'The next_cursor of the page before' })
  @IsOptional()
  @Matches(CURSOR, { message: '$property must be a next_cursor as it was answered' })
  cursor?: string;
}
