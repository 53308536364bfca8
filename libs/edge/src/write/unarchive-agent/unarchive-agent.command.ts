import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';
import type { AgentId } from '../../events/index.js';

/** An operator takes an edge agent out of the archive. */
export class UnarchiveAgent {
  @ApiProperty({ type: String }) @IsId() readonly agent_id: AgentId;
}
