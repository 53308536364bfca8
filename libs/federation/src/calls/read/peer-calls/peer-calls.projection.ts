import { IsInt, Min } from 'class-validator';
import { IsId, projectionOf } from '@app/kernel';
import { CallAbandoned, CallAborted, CallAccepted, CallCompleted, CallDenied, CallFailed } from '../../events/index.js';

/** How many calls went between a peer and us. */
export class PeerCalls {
  @IsId() peer_id: string;

  @IsInt() @Min(0) calls_in: number;

  @IsInt() @Min(0) calls_out: number;
}

/**
 * Calls that were let through, each once, whatever became of them. A peer with which none ever went has no row. Built anew, it counts
 * the calls of the last thirteen months: older ones are in the log no more.
 */
export const peerCalls = projectionOf(PeerCalls)({
  table: 'peer_calls',
  version: 1,
  id: 'peer_id',
  reads: [CallAccepted],
  ignores: [CallAbandoned, CallAborted, CallCompleted, CallDenied, CallFailed], // What was denied was not accepted, and endings change no count.
  key: (event) => event.data.peer_id,
  on: {
    'federation.call.accepted': (before, { data: { peer_id, direction } }) => ({
      peer_id,
      calls_in: (before?.calls_in ?? 0) + (direction === 'in' ? 1 : 0),
      calls_out: (before?.calls_out ?? 0) + (direction === 'out' ? 1 : 0),
    }),
  },
});
