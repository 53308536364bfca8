import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { type Instant, IsId, IsInstant, IsListOf, IsNullable, IsPosition } from '@app/kernel';
import { ApiProperty } from '@nestjs/swagger';
import { CallBindingEntry } from '../../call-binding.view.js';
import { MAX_BINDINGS } from '../../events/call-binding.js';
import { TOKEN_ROLES } from '../../events/role.js';

/** The row of one service token. The token itself is nowhere. */
export class TokenRow {
  @ApiProperty() @IsId() token_id: string;

  /** What it is for. */
  @ApiProperty({ maxLength: 100 }) @IsString() @MaxLength(100) name: string;

  @ApiProperty({ enum: TOKEN_ROLES }) @IsIn(TOKEN_ROLES) role: (typeof TOKEN_ROLES)[number];

  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() issued_at: Instant;

  /** Who issued it, as events name them: `session:<session_id>`. */
  @ApiProperty() @IsString() issued_by: string;

  /** From here on it opens nothing; null: it does until it is revoked. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @IsNullable() @IsInstant() expires_at: Instant | null;

  /** Since when it opens nothing; null: it was not revoked. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @IsNullable() @IsInstant() revoked_at: Instant | null;

  /** Since when it opens nothing until an admin releases it; null: it is not held. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @IsNullable() @IsInstant() held_at: Instant | null;

  /** Who makes A2A calls with it: the same over all tokens that take each other's place. */
  @ApiProperty() @IsId() caller_id: string;

  /** The A2A calls that it may make. */
  @ApiProperty({ type: [CallBindingEntry], maxItems: MAX_BINDINGS })
  @IsListOf(CallBindingEntry, MAX_BINDINGS)
  bindings: readonly CallBindingEntry[];

  /** The token that takes its place; null: it was not rotated. */
  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsId() next_token_id: string | null;

  /** From when on it opens nothing since another takes its place; null: it was not rotated. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @IsNullable() @IsInstant() ends_at: Instant | null;
}

/** One service token as admins see it. */
export class TokenEntry extends TokenRow {
  @ApiProperty({ type: [String], description: 'What still works of it, and will not in a later release' })
  @IsArray()
  @IsString({ each: true })
  warnings: string[];
}

export class TokenDirectoryQuery {
  /** At most so many tokens, the newest first. */
  @ApiProperty({ type: 'integer', required: false, default: 50, minimum: 1, maximum: 200 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  /** `next_cursor` of the page before. */
  @ApiProperty({ required: false })
  @IsOptional()
  @Matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z~[A-Za-z0-9_-]{1,64}$/, { message: 'cursor must be a next_cursor as it was answered' })
  cursor?: string;

  /** The position a command answered with; the read waits until this table has reached it. */
  @ApiProperty({ required: false }) @IsOptional() @IsPosition() after?: string;
}
