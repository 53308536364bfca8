import { LIMITS } from '../tunnel.protocol.js';

/** What tests make shorter. Milliseconds, and what is offered to agents in seconds. */
export abstract class TunnelTimes {
  abstract readonly pingMs: number;
  abstract readonly readDeadlineMs: number;
  abstract readonly handshakeMs: number;
  abstract readonly heartbeatS: number;
  abstract readonly syncS: number;
}

export const TIMES: TunnelTimes = LIMITS;
