import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';

/** An operator removes a rule from the routing table. */
export class RemoveRoute {
  @ApiProperty({ type: String }) @IsId() readonly rule_id: string;
}
