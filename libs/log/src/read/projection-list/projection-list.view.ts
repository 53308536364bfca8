import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString, Matches, Max, Min, ValidateNested } from 'class-validator';
import { HEALTHS, type Health, type Instant, IsInstant, IsNullable, IsPosition } from '@app/kernel';

export const PROJECTION_NAME = /^[a-z][a-z0-9_]{0,40}$/;
const KINDS = ['projection', 'rollup'] as const;
const STREAMS = ['facts', 'calls', 'telemetry'] as const;
const STATES = ['running', 'starting', 'waiting', 'halted', 'refused', 'failed', 'standby', 'stopped', 'not_running'] as const;

/** How far a rebuild is: positions of the stream that the read model is folded from. */
export class RebuildProgress {
  @ApiProperty({ type: String }) @IsPosition() position: string;

  @ApiProperty({ type: String }) @IsPosition() target: string;
}

/** How the last rebuild ended. */
export class RebuildOutcome {
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) rows: number;

  /** Rows that differ from those before, or that one of both lacks. */
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) differences: number;

  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) parked: number;

  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() ended_at: Instant;
}

/** One read model: how far it is, and what stands still in it. */
export class ProjectionEntry {
  @ApiProperty() @Matches(PROJECTION_NAME) name: string;

  /** A projection can be folded again from the log; a roll-up cannot. */
  @ApiProperty({ enum: KINDS }) @IsIn(KINDS) kind: (typeof KINDS)[number];

  @ApiProperty({ type: 'integer' }) @IsInt() @Min(1) version: number;

  /** The stream it is folded from. */
  @ApiProperty({ enum: STREAMS }) @IsIn(STREAMS) stream: (typeof STREAMS)[number];

  /**
   * `waiting`: for an upgrade, at an event of a newer release. `halted`: too many rows were parked at once, which a bug explains and bad
   * events do not. `refused`: its table is not the one that this release declares. `not_running`: no projector answers.
   */
  @ApiProperty({ enum: STATES }) @IsIn(STATES) state: (typeof STATES)[number];

  /** `degraded` also when it runs with parked rows, which show old values. `unknown`: another process updates it. */
  @ApiProperty({ enum: HEALTHS }) @IsIn(HEALTHS) health: Health;

  @ApiProperty({ type: String }) @IsPosition() position: string;

  /** Events that are in the log and not in the rows. */
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) lag_events: number;

  /** Age of the oldest of them. */
  @ApiProperty() @IsNumber() lag_seconds: number;

  /** Rows and subjects that stand still; of a roll-up those of which events were left out. */
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) parked: number;

  /** Why it does not go on; null: it does. */
  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsString() error: string | null;

  /** The release that can read the event at which it waits; null: it does not wait. */
  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsString() needs_release: string | null;

  /** null: no rebuild is under way. */
  @ApiProperty({ type: RebuildProgress, nullable: true })
  @IsNullable()
  @ValidateNested()
  @Type(() => RebuildProgress)
  building: RebuildProgress | null;

  /** The last rebuild since its projector started; null: none. */
  @ApiProperty({ type: RebuildOutcome, nullable: true })
  @IsNullable()
  @ValidateNested()
  @Type(() => RebuildOutcome)
  rebuilt: RebuildOutcome | null;
}

const HEALTH: Readonly<Record<ProjectionEntry['state'], Health>> = {
  running: 'up',
  starting: 'degraded',
  waiting: 'degraded',
  halted: 'down',
  refused: 'down',
  failed: 'down',
  standby: 'unknown',
  stopped: 'down',
  not_running: 'down',
};

export const healthOfProjection = ({ state, parked }: Pick<ProjectionEntry, 'state' | 'parked'>): Health =>
  state === 'running' && parked > 0 ? 'degraded' : HEALTH[state];

const UNITS = ['row', 'subject'] as const;

/** One row, or everything that one subject says, that stands still in a read model since an event could not be used. */
export class ParkedEntry {
  @ApiProperty({ enum: UNITS }) @IsIn(UNITS) unit: (typeof UNITS)[number];

  /** The key of the row, or the subject. */
  @ApiProperty() @IsString() value: string;

  /** The event: `GET events/{position}` shows it raw. */
  @ApiProperty({ type: String }) @IsPosition() position: string;

  @ApiProperty() @IsString() subject: string;

  /** Empty: the event does not say. */
  @ApiProperty() @IsString() type: string;

  /** `decode.malformed-json`, `fold.threw`, `database.22021` and the like. */
  @ApiProperty() @IsString() code: string;

  @ApiProperty() @IsString() detail: string;

  /** Whether an admin can void the event: no release can read it. */
  @ApiProperty() @IsBoolean() voidable: boolean;

  /** What a void must name: SHA-256 of the event as it is stored; null: the stream keeps it no more. */
  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsString() hash: string | null;

  /** Events that a roll-up left out; of a projection 0. */
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) skipped: number;

  /** The release that tried last. */
  @ApiProperty() @IsString() release: string;

  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() parked_at: Instant;
}

export class ProjectionNamed {
  @ApiProperty({ type: String, pattern: PROJECTION_NAME.source }) @Matches(PROJECTION_NAME) name: string;
}

export class ParkedQuery {
  @ApiProperty({ type: 'integer', required: false, minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;
}
