import type { ReconnectPace } from './reconnect-budget.js';
import { LIMITS } from '../tunnel.protocol.js';

/** What tests make shorter, or longer. Milliseconds, and what is offered to agents in seconds. */
export abstract class TunnelTimes implements ReconnectPace {
  abstract readonly pingMs: number;
  abstract readonly readDeadlineMs: number;
  abstract readonly handshakeMs: number;
  abstract readonly heartbeatS: number;
  abstract readonly syncS: number;
  abstract readonly returnMsEach: number;
  /** Each costs a signature to check and a fact to write. */
  abstract readonly handshakesPerSecond: number;
}

export const TIMES: TunnelTimes = { ...LIMITS, returnMsEach: 15, handshakesPerSecond: 100 };
