import { IsIn, IsString } from 'class-validator';
import { type Instant, IsInstant, IsNullable } from '@app/kernel';
import { ApiProperty } from '@nestjs/swagger';
import { TOKEN_ROLES } from './events/role.js';

/** Who somebody is signed in as. */
export class SignedInView {
  /** As events name them: `token:<token_id>` or `session:<session_id>`. */
  @ApiProperty() @IsString() actor: string;

  @ApiProperty({ enum: TOKEN_ROLES }) @IsIn(TOKEN_ROLES) role: (typeof TOKEN_ROLES)[number];

  /** What a session sends as X-CSRF-Token with every request but GET and HEAD; null: a service token needs none. */
  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsString() csrf_token: string | null;

  /** From here on it opens nothing; null: a service token without an end. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @IsNullable() @IsInstant() expires_at: Instant | null;
}
