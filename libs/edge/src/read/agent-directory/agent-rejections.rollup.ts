import { IsIn, IsInt, IsString } from 'class-validator';
import { type Instant, IsId, IsInstant, IsNullable, rollupOf } from '@app/kernel';
import { HandshakeRejected, HeartbeatReceived, REJECTIONS, type Rejection } from '../../events/index.js';

/** The last handshake of an agent that was rejected, and how many there were. */
export class AgentRejections {
  @IsId() agent_id: string;

  @IsInt() rejected_count: number;

  @IsIn(REJECTIONS) rejected_reason: Rejection;

  @IsNullable() @IsString() rejected_address: string | null;

  @IsInstant() rejected_at: Instant;
}

/** An agent that is heard again has no rejections any more. */
export const agentRejections = rollupOf(AgentRejections)({
  table: 'agent_rejections',
  version: 1,
  id: 'agent_id',
  reads: [HandshakeRejected, HeartbeatReceived],
  key: (event) => event.data.agent_id,
  on: {
    'edge.handshake.rejected': (_before, { data: { agent_id, count, reason, address }, at }) => ({
      agent_id,
      rejected_count: count,
      rejected_reason: reason,
      rejected_address: address,
      rejected_at: at,
    }),
    'edge.heartbeat.received': () => null,
  },
});
