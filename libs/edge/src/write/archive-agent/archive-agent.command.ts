import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';
import type { AgentId } from '../../events/index.js';

/** An operator puts an edge agent away, in whatever state it is. */
export class ArchiveAgent {
  @ApiProperty({ type: String }) @IsId() readonly agent_id: AgentId;
}
