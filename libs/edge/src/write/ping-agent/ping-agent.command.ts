import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';

/** Somebody wants to know whether an agent answers now. Also the question between processes. */
export class PingAgent {
  @ApiProperty() @IsId() readonly agent_id: string;
}
