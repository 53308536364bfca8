import { ApiProperty } from '@nestjs/swagger';
import { IsId, IsNullable } from '@app/kernel';

/** An operator moves a routing rule to another place. */
export class MoveRoute {
  @ApiProperty({ type: String }) @IsId() readonly rule_id: string;

  @ApiProperty({ type: String, nullable: true, description: 'The rule it stands before; null: after all others' })
  @IsNullable()
  @IsId()
  readonly before: string | null;
}
