import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { AnswerOf } from '@app/http';
import { HEALTHS, type Health, type Instant, IsInstant, IsNullable, IsPosition, type Unwatched } from '@app/kernel';

/** Of `unknown`: the things that no process evaluates, by status. */
export class UnwatchedCount implements Record<Unwatched, number> {
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) pending: number;
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) enrolled: number;
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) suspended: number;
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) revoked: number;
}

/** How many of what, by how they are. */
export class SectionCount {
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) total: number;
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) up: number;
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) degraded: number;
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) down: number;
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) unknown: number;
  @ApiProperty({ type: UnwatchedCount }) @ValidateNested() @Type(() => UnwatchedCount) unwatched: UnwatchedCount;

  /** Its read model is being built: it is not counted yet. */
  @ApiProperty() @IsBoolean() building: boolean;
}

export class Sections {
  @ApiProperty({ type: SectionCount }) @ValidateNested() @Type(() => SectionCount) federation: SectionCount;
  @ApiProperty({ type: SectionCount }) @ValidateNested() @Type(() => SectionCount) edge: SectionCount;
  @ApiProperty({ type: SectionCount }) @ValidateNested() @Type(() => SectionCount) services: SectionCount;
}

const KINDS = ['peer', 'edge', 'svc'] as const;

/** One thing that is not as it should be. */
export class ProblemEntry {
  @ApiProperty({ enum: KINDS }) @IsIn(KINDS) kind: (typeof KINDS)[number];
  @ApiProperty() @IsString() id: string;
  @ApiProperty() @IsString() name: string;
  /** In the words of its kind: `disconnected`, `red`. */
  @ApiProperty() @IsString() status: string;
  @ApiProperty({ enum: HEALTHS }) @IsIn(HEALTHS) health: Health;
  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() since: Instant;
  /** A code of the closed list. */
  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsString() reason: string | null;
  @ApiProperty() @IsString() sentence: string;
  @ApiProperty({ type: Number, nullable: true }) @IsNullable() latency_ms: number | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @IsNullable() @IsInstant() last_seen: Instant | null;
}

/** The one sentence of the page, and what stands behind it. */
export class Overview {
  /** The worst that is known of anything; unknown: nothing is known yet. */
  @ApiProperty({ enum: HEALTHS }) @IsIn(HEALTHS) verdict: Health;

  /** `2 problems · 41/43 healthy` */
  @ApiProperty() @IsString() sentence: string;

  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() server_time: Instant;

  @ApiProperty() @IsString() instance_id: string;

  @ApiProperty({ type: Sections }) @ValidateNested() @Type(() => Sections) sections: Sections;

  @ApiProperty({ type: [ProblemEntry] }) @ValidateNested({ each: true }) @Type(() => ProblemEntry) problems: ProblemEntry[];
}

export class OverviewAnswer extends AnswerOf(Overview) {}

export class OverviewQuery {
  /** Wait until peers and components hold every event up to here. */
  @ApiProperty({ type: String, required: false }) @IsOptional() @IsPosition() after?: string;
}
