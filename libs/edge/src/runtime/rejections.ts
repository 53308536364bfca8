import type { Rejection } from '../events/index.js';
import type { AgentSession } from './agent-session.js';

/** One more, which is to be told. */
export function reject(session: AgentSession, reason: Rejection, address: string | null = null): void {
  session.backlog.rejected(reason, address);
}
