import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsString, ValidateNested } from 'class-validator';
import { IsNullable } from '@app/kernel';

export const CHECK_IDS = [
  'nats',
  'streams',
  'log',
  'postgresql',
  'projections',
  'parked',
  'checkpoints',
  'clock',
  'disk',
  'public_url',
  'addresses',
  'strangers',
  'instance_key',
] as const;
export type CheckId = (typeof CHECK_IDS)[number];

export const CHECK_STATES = ['ok', 'warn', 'fail'] as const;
export type CheckState = (typeof CHECK_STATES)[number];

/** One thing that was looked at. */
export class DoctorCheck {
  @ApiProperty({ enum: CHECK_IDS }) @IsIn(CHECK_IDS) id: CheckId;

  @ApiProperty() @IsString() title: string;

  /** `warn`: it works and needs attention, or it could not be looked at because another check failed. `fail`: something does not work. */
  @ApiProperty({ enum: CHECK_STATES }) @IsIn(CHECK_STATES) state: CheckState;

  /** What was found, a sentence. */
  @ApiProperty() @IsString() detail: string;

  /** What to do, a sentence; null: nothing. */
  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsString() next: string | null;
}

/** What one process finds when it looks at everything that the system stands on. */
export class DoctorReport {
  @ApiProperty({ type: () => [DoctorCheck] }) @ValidateNested({ each: true }) @Type(() => DoctorCheck) checks: DoctorCheck[];

  /** Of the process that looked. */
  @ApiProperty() @IsString() release: string;

  @ApiProperty() @IsString() instance_id: string;
}
