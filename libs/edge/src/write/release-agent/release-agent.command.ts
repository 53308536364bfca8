import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';
import type { AgentId } from '../../events/index.js';

/** An admin gives back to an edge agent what it was allowed before it was held. */
export class ReleaseAgent {
  @ApiProperty({ type: String }) @IsId() readonly agent_id: AgentId;
}
