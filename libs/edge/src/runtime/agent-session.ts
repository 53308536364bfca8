import type { Agent } from '../agent.stream.js';
import type { AgentId, AgentReason, AgentStatus, AgentSynced, CostRecorded, SessionId, Rejection } from '../events/index.js';
import { type AgentMemory, type Loss, NEW_AGENT } from './agent-status.js';
import type { Introduction } from './duplicate-identity.js';
import { FactBudget } from './fact-budget.js';
import { GatewayFlaps } from './gateway-flaps.js';
import type { TunnelState } from '../tunnel.stream.js';
import type { ReportState } from './report-state.js';
import type { Tunnel } from './tunnel.adapter.js';
import type { TunnelToClose } from '../write/close-tunnel/close-tunnel.decide.js';

/** The tunnel of an agent that this process holds. */
export interface Held {
  readonly tunnel: Tunnel;
  readonly sessionId: SessionId;
  readonly acceptedMs: number;
  readonly isReturn: boolean;
  fullReportMs: number | null;
  lastSyncMs: number | null;
}

/** What was last said of what moves at an agent, of which tunnel, and when. `sync` null: nothing yet, or it got lost. */
interface Gauges {
  readonly sessionId: SessionId | null;
  readonly keptMs: number;
  readonly sync: AgentSynced | null;
  readonly cost: CostRecorded | null;
}

/** What was last said of a day, and what of that the log was last asked to take; its `cost` null: it may not have. */
export interface CostDue {
  readonly wanted: CostRecorded;
  /** `atMs`: since 1970, since the end of a day counts. */
  readonly asked: { readonly cost: CostRecorded | null; readonly atMs: number } | null;
}

/** Handshakes of one agent that were rejected since its last tunnel began. */
export interface Rejected {
  readonly count: number;
  readonly reason: Rejection;
  /** By which it asked, when its signature holds for it. */
  readonly address: string | null;
}

/** Everything that this process knows of one agent. Times are of its clock. */
export interface AgentSession {
  readonly agentId: AgentId;
  /** As the log has it. */
  agent: Agent;
  tunnel: TunnelState;
  tunnelPosition: number;
  /** Position of the fact by which it was archived last; 0: none. */
  archivedPosition: number;
  /** Its subjects with a message that cannot be read: while there is one the agent is refused, and nothing is said of it. */
  unreadable: Set<string>;
  /** What it was last said to be, and where. */
  said: { readonly status: AgentStatus; readonly reason: AgentReason | null; readonly position: number };
  /** Since when it is what it was last found to be; null: it was not judged yet. */
  turned: { readonly status: AgentStatus; readonly atMs: number } | null;

  /** What the last evaluation of it left. */
  memory: AgentMemory;
  flaps: GatewayFlaps;
  held: Held | null;
  loss: Loss | null;
  duplicates: { readonly hostnames: readonly string[]; heardMs: number } | null;
  introductions: Introduction[];
  /** Handshakes that were rejected since its last tunnel began; null: none. */
  rejected: Rejected | null;
  isRejectionDue: boolean;
  rejectionKeptMs: number;
  /** When its last tunnels began, the oldest first: as many as may begin within a minute. */
  openedMs: readonly number[];
  /** Its last tunnel was a connection, and not only a tunnel. */
  isProved: boolean;
  /** When it was last heard; null: not since this process started. */
  heardMs: number | null;
  /** Where its last tunnel began and ended in the log, and the last heartbeat that was kept. */
  evidence: { tunnel: string | null; end: string | null; beat: string | null };

  /** Ends of tunnels that the log does not have yet. */
  ending: TunnelToClose | null;
  reported: ReportState | null;
  /** What it reported last, to become a fact; null: nothing. */
  sync: AgentSynced | null;
  syncWrittenMs: number;
  /** For what it reports. */
  readonly budget: FactBudget;
  gauges: Gauges;
  areGatewaysDue: boolean;
  /** By day. */
  costs: Map<string, CostDue>;
  /** When a heartbeat was last kept, and whether a report came since. */
  beatKeptMs: number;
  isSynced: boolean;

  /** What is done for this agent is done one after the other. */
  line: Promise<void>;
  waiting: number;
  isEvaluating: boolean;
  isRecording: boolean;
}

export const newAgentSession = (agentId: AgentId): AgentSession => ({
  agentId,
  agent: { lifecycle: 'unknown' },
  tunnel: { epoch: 0, openSession: null },
  tunnelPosition: 0,
  archivedPosition: 0,
  unreadable: new Set(),
  said: { status: 'enrolled', reason: 'never_connected', position: 0 },
  turned: null,
  memory: NEW_AGENT,
  flaps: new GatewayFlaps(),
  held: null,
  loss: null,
  duplicates: null,
  introductions: [],
  rejected: null,
  isRejectionDue: false,
  rejectionKeptMs: -Infinity,
  openedMs: [],
  isProved: false,
  heardMs: null,
  evidence: { tunnel: null, end: null, beat: null },
  ending: null,
  reported: null,
  sync: null,
  syncWrittenMs: -Infinity,
  budget: new FactBudget(),
  gauges: { sessionId: null, keptMs: -Infinity, sync: null, cost: null },
  areGatewaysDue: false,
  costs: new Map(),
  beatKeptMs: -Infinity,
  isSynced: false,
  line: Promise.resolve(),
  waiting: 0,
  isEvaluating: false,
  isRecording: false,
});
