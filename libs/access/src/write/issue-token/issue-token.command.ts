import { IsIn, IsInt, Max, Min } from 'class-validator';
import { IsName, IsNullable } from '@app/kernel';
import { ApiProperty } from '@nestjs/swagger';
import { ROLES } from '../../events/role.js';

/** An admin asks for a service token, for a program or a CLI. */
export class IssueToken {
  /** What it is for: 1 to 100 characters, on one line. */
  @ApiProperty({
    minLength: 1,
    maxLength: 100,
    example: 'nightly backup',
    description: 'What it is for: no control, bidirectional or invisible characters',
  })
  @IsName(100)
  readonly name: string;

  @ApiProperty({ enum: ROLES })
  @IsIn(ROLES)
  readonly role: (typeof ROLES)[number];

  /** Whole days from now; null: until it is revoked. */
  @ApiProperty({ type: 'integer', nullable: true, minimum: 1, maximum: 3650 })
  @IsNullable()
  @IsInt()
  @Min(1)
  @Max(3650)
  readonly expires_in_days: number | null;
}
