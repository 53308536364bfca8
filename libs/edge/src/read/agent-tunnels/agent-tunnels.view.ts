import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Min } from 'class-validator';
import { type Instant, IsId, IsInstant, IsNullable, IsPosition } from '@app/kernel';
import { REMOTES } from '../../events/tunnel-connected.event.js';
import { DISCONNECT_REASONS } from '../../events/tunnel-disconnected.event.js';

export const TUNNEL_ENDS = [...DISCONNECT_REASONS, 'superseded'] as const;

/** One tunnel of an edge agent, from its welcome to its end. */
export class EdgeTunnel {
  @ApiProperty() @IsId() session_id: string;

  @ApiProperty() @IsId() agent_id: string;

  @ApiProperty({ type: 'integer', description: 'Counts the tunnels of the agent, from 1' }) @IsInt() @Min(1) epoch: number;

  @ApiProperty({ enum: REMOTES, description: 'What kind of address it came from' }) @IsIn(REMOTES) remote: (typeof REMOTES)[number];

  @ApiProperty() @IsString() version: string;

  @ApiProperty() @IsString() hostname: string;

  @ApiProperty({ description: "The agent's process: two tunnels with one boot_id are of one run" }) @IsId() boot_id: string;

  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() connected_at: Instant;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'null: it stands' })
  @IsNullable()
  @IsInstant()
  ended_at: Instant | null;

  @ApiProperty({ enum: TUNNEL_ENDS, nullable: true }) @IsNullable() @IsIn(TUNNEL_ENDS) end_reason: (typeof TUNNEL_ENDS)[number] | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Of the WebSocket' }) @IsNullable() @IsInt() close_code: number | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'How long it stood; null: it stands, or nobody saw its end' })
  @IsNullable()
  @IsInt()
  @Min(0)
  connected_ms: number | null;
}

/** The row: a tunnel, and the place it has among the last of its agent. */
export class TunnelRow extends EdgeTunnel {
  @IsString() slot: string;
}

export class EdgeTunnelPath {
  @ApiProperty() @IsId() agent_id: string;
}

export class EdgeTunnelQuery {
  @ApiProperty({ required: false, description: 'The position a command answered with: the answer holds what it wrote' })
  @IsOptional()
  @IsPosition()
  after?: string;
}
