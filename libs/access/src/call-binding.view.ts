import { IsIn } from 'class-validator';
import { IsId, IsNullable } from '@app/kernel';
import { ApiProperty } from '@nestjs/swagger';
import { IsAgentName } from '../../federation/src/routing/events/agent-name.js';
import type { MethodClass, PeerId } from '../../federation/src/events/index.js';
import { METHOD_CLASSES } from '../../federation/src/routing/events/method-class.js';

/** One kind of calls that a token may make. */
export class CallBindingEntry {
  @ApiProperty({ type: String, nullable: true, description: 'null: any peer' }) @IsNullable() @IsId() readonly peer_id: PeerId | null;

  @ApiProperty({ type: String, nullable: true, description: 'null: any agent' }) @IsNullable() @IsAgentName() readonly agent: string | null;

  @ApiProperty({ type: String, nullable: true, enum: METHOD_CLASSES, description: 'null: methods of every class' })
  @IsNullable()
  @IsIn(METHOD_CLASSES)
  readonly method_class: MethodClass | null;
}
