import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';

/** An admin lets a rule that was held decide again. */
export class ReleaseRoute {
  @ApiProperty({ type: String }) @IsId() readonly rule_id: string;
}
