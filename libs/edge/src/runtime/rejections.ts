import type { Rejection } from '../events/index.js';
import type { AgentSession } from './agent-session.js';

/** One more, which is to be told. */
export function reject(session: AgentSession, reason: Rejection, address: string | null = null): void {
  session.rejected = { count: (session.rejected?.count ?? 0) + 1, reason, address };
  session.isRejectionDue = true;
}
