import type { Recorded } from '@app/event-store';
import { type Agent, agent as agentStream, isArchived } from '../agent.stream.js';
import type { AgentId, AgentReason, AgentStatus, SessionId } from '../events/index.js';
import { type TunnelState, tunnel as tunnelStream } from '../tunnel.stream.js';
import type { TunnelToClose } from '../write/close-tunnel/close-tunnel.decide.js';
import { AgentBacklog } from './agent-backlog.js';
import { type AgentMemory, type Loss, NEW_AGENT } from './agent-status.js';
import type { Introduction } from './duplicate-identity.js';
import { GatewayFlaps } from './gateway-flaps.js';
import { MAX_OPENED } from './opened.js';
import { type ReportState, newReportState } from './report-state.js';
import type { Tunnel } from './tunnel.adapter.js';

/** The tunnel of an agent that this process holds. */
export interface Held {
  readonly tunnel: Tunnel;
  readonly sessionId: SessionId;
  readonly acceptedMs: number;
  readonly isReturn: boolean;
  readonly fullReportMs: number | null;
  readonly lastSyncMs: number | null;
}

/** A tunnel that the log has. `evidence`: its position as a token. */
export interface Opened extends Pick<Held, 'tunnel' | 'sessionId' | 'acceptedMs' | 'isReturn'> {
  readonly bootId: string;
  readonly position: number;
  readonly evidence: string;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The status that the log has, before any fact says one. */
const NO_EVIDENCE = { tunnel: null, end: null, beat: null } as const;
const NEVER_SAID = { status: 'enrolled', reason: 'never_connected', position: 0 } as const;

/**
 * Everything that this process knows of one edge agent, and its only writer: others read the fields and call the transitions, which assert
 * the state they leave. Times are of the clock of this process, ms. It is in one of three states:
 *
 * ## absent
 * No tunnel here, and no loss to judge: never connected, or told down by its facts.
 * Leaves to *held* by `opened`, to *lost* by `restored`, `replayed`.
 *
 * ## held
 * A tunnel stands here (`held`), and `loss` is null.
 * Leaves to *lost* by `lost`. A second `opened` stays here, with the newer tunnel.
 *
 * ## lost
 * `loss` says how and when the last tunnel ended, or that nobody saw it. `ending` is the end that the log does not have yet.
 * Leaves to *held* by `opened`; `unobserved` replaces the loss.
 *
 * Beside these, `unreadable` blocks the agent while one of its messages cannot be read, and `duplicates` while two processes have its identity.
 */
export class AgentSession {
  /** As the log has it. */
  readonly agent: Agent = agentStream.initial;
  readonly tunnel: TunnelState = tunnelStream.initial;
  readonly tunnelPosition: number = 0;
  /** Position of the fact by which it was archived last; 0: none. */
  readonly archivedPosition: number = 0;
  /** Its subjects with a message that cannot be read: while there is one the agent is refused, and its status is not evaluated. */
  readonly unreadable: ReadonlySet<string> = new Set();
  /** The status that the log has, and its position. */
  readonly said: { readonly status: AgentStatus; readonly reason: AgentReason | null; readonly position: number } = NEVER_SAID;
  /** The last evaluated status and since when it holds; null: not evaluated yet. */
  readonly turned: { readonly status: AgentStatus; readonly atMs: number } | null = null;
  readonly memory: AgentMemory = NEW_AGENT;
  readonly flaps = new GatewayFlaps();
  readonly held: Held | null = null;
  readonly loss: Loss | null = null;
  readonly duplicates: { readonly hostnames: readonly string[]; readonly heardMs: number } | null = null;
  readonly introductions: readonly Introduction[] = [];
  /** When its last tunnels began, the oldest first: at most `MAX_OPENED`. */
  readonly openedMs: readonly number[] = [];
  /** Its last tunnel was a connection, and not only a tunnel. */
  readonly isProved: boolean = false;
  /** When it was last heard; null: not since this process started. */
  readonly heardMs: number | null = null;
  /** Tokens of where its last tunnel began and ended in the log, and of the last heartbeat that was kept. */
  readonly evidence: { readonly tunnel: string | null; readonly end: string | null; readonly beat: string | null } = NO_EVIDENCE;
  /** The end of a tunnel that the log does not have yet. */
  readonly ending: TunnelToClose | null = null;
  readonly reported: ReportState | null = null;
  readonly backlog = new AgentBacklog();
  /** Ends when everything that was queued for this agent has ended. */
  readonly line: Promise<void> = Promise.resolve();
  /** Tunnels that wait to be opened. */
  readonly waiting: number = 0;
  readonly isEvaluating: boolean = false;

  constructor(readonly agentId: AgentId) {}

  /** The log was read to its end at the start of this process. `loss`: how it was lost, by its facts. */
  restored(loss: Loss | null): void {
    this.assert(this.held === null, 'restored');
    this.change({ loss, isProved: loss !== null && this.said.status !== 'quarantined' });
  }

  /** A message on one of its subjects cannot be read: it may be the revocation. */
  blocked(subject: string): void {
    this.change({ unreadable: new Set([...this.unreadable, subject]) });
  }

  /** The facts of the subject follow, from the first. Nobody has observed the agent meanwhile. */
  replayed(subject: string, loss: Loss): void {
    this.change({ unreadable: new Set([...this.unreadable].filter((one) => one !== subject)) });
    if (subject.startsWith(`facts.${tunnelStream.name}.`)) this.change({ tunnel: tunnelStream.initial, tunnelPosition: 0 });
    else this.change({ agent: agentStream.initial, said: NEVER_SAID });
    if (this.held === null) this.change({ loss });
  }

  /** This process may know its own tunnels better than the fact that it wrote. */
  tunnelFact(fact: Recorded): void {
    if (fact.position <= this.tunnelPosition) return;
    this.change({ tunnel: tunnelStream.next(this.tunnel, fact), tunnelPosition: fact.position });
  }

  agentFact(fact: Recorded): void {
    const wasArchived = isArchived(this.agent);
    this.change({ agent: agentStream.next(this.agent, fact) });
    if (isArchived(this.agent) && !wasArchived) this.change({ archivedPosition: fact.position });
    if (this.agent.lifecycle !== 'enrolled' || fact.position <= this.said.position) return;
    const { status, reason } = this.agent.evaluation;
    this.change({ said: { status, reason, position: fact.position } });
  }

  /** Queues work for this agent: one piece after the other. */
  enqueue(work: () => Promise<void>): void {
    this.change({ line: this.line.then(work) });
  }

  /** Queues the opening of a tunnel, which counts as waiting until it has ended. */
  enqueueOpening(open: () => Promise<void>): void {
    this.change({ waiting: this.waiting + 1 });
    this.change({ line: this.line.then(open).finally(() => this.change({ waiting: this.waiting - 1 })) });
  }

  /** Answers the tunnel that stood until now; null: none did. */
  opened({ tunnel, sessionId, acceptedMs, isReturn, bootId, position, evidence }: Opened): Held | null {
    const former = this.held;
    this.change({
      tunnel: { epoch: this.tunnel.epoch + 1, openSession: sessionId },
      tunnelPosition: Math.max(this.tunnelPosition, position),
      evidence: { tunnel: evidence, end: null, beat: null },
      openedMs: [...this.openedMs, acceptedMs].slice(-MAX_OPENED),
      held: { tunnel, sessionId, acceptedMs, isReturn, fullReportMs: null, lastSyncMs: null },
      loss: null,
      reported: this.reported?.bootId === bootId ? this.reported : newReportState(bootId),
    });
    this.backlog.accepted();
    return former;
  }

  /** The tunnel that stood has ended. */
  lost(loss: Loss | null, ending: TunnelToClose): void {
    const { held } = this;
    this.assert(held !== null && held.sessionId === ending.session_id, `lost ${ending.session_id}`);
    this.change({ held: null, heardMs: held?.tunnel.heardMs ?? null, loss, ending });
  }

  /** Nobody saw for a while how it is. */
  unobserved(loss: Loss): void {
    this.assert(this.held === null && this.loss !== null, 'unobserved');
    this.change({ loss });
  }

  /** The log has a tunnel that no process holds: the one that did has ended. */
  orphaned(): void {
    const { openSession } = this.tunnel;
    this.assert(this.held === null && openSession !== null && this.ending === null, 'orphaned');
    if (openSession === null) return;
    this.change({
      ending: { agent_id: this.agentId, session_id: openSession, reason: 'server_lost', close_code: null, connected_ms: null },
    });
  }

  /** The log has the end. `evidence`: its token; null: it was there before. A tunnel that ended meanwhile is still to be written. */
  endWritten(written: TunnelToClose, evidence: string | null): void {
    if (this.ending === written) this.change({ ending: null });
    if (this.tunnel.openSession === written.session_id) this.change({ tunnel: { ...this.tunnel, openSession: null } });
    if (evidence !== null) this.change({ evidence: { ...this.evidence, end: evidence } });
  }

  introduced(introductions: readonly Introduction[]): void {
    this.change({ introductions });
  }

  /** Two processes have its identity; null: only one was heard of for long enough. */
  duplicated(duplicates: AgentSession['duplicates']): void {
    this.change({ duplicates });
  }

  /** A report was taken from the tunnel that stands. */
  reportTaken(reported: ReportState, { isFull, nowMs }: { readonly isFull: boolean; readonly nowMs: number }): void {
    const { held } = this;
    this.assert(held !== null && this.reported !== null, 'reportTaken');
    if (held === null) return;
    this.change({
      reported,
      held: { ...held, lastSyncMs: nowMs, fullReportMs: isFull ? (held.fullReportMs ?? nowMs) : held.fullReportMs },
    });
    this.backlog.heard();
  }

  /** A cost report was taken: only the count of its series moves. */
  costTaken(reported: ReportState): void {
    this.assert(this.reported !== null, 'costTaken');
    this.change({ reported });
  }

  /** The facts of the report are in the log. */
  syncWritten(sync: NonNullable<AgentBacklog['sync']>, nowMs: number): void {
    this.backlog.contentWritten(sync, nowMs);
    if (this.agent.lifecycle === 'enrolled') this.change({ agent: { ...this.agent, synced: sync } });
  }

  beatWritten(evidence: string): void {
    this.change({ evidence: { ...this.evidence, beat: evidence } });
  }

  /** `isProved` null: no tunnel stands that could prove it. */
  evaluated(memory: AgentMemory, status: AgentStatus, isProved: boolean | null, nowMs: number): void {
    this.assert(!this.isEvaluating, 'evaluated');
    this.change({ memory, isProved: isProved ?? this.isProved });
    if (this.turned?.status !== status) this.change({ turned: { status, atMs: nowMs } });
  }

  /** While the new status is being written it is not evaluated again. */
  async writingStatus(write: () => Promise<void>): Promise<void> {
    this.assert(!this.isEvaluating, 'writingStatus');
    this.change({ isEvaluating: true });
    try {
      await write();
    } finally {
      this.change({ isEvaluating: false });
    }
  }

  /** The log has the status. An older position than the known one changes nothing. */
  statusWritten(status: AgentStatus, reason: AgentReason | null, position: number): void {
    if (position < this.said.position) return;
    this.change({ said: { status, reason, position } });
  }

  /** A transition out of a state that does not allow it is a bug. */
  private assert(isAllowed: boolean, transition: string): void {
    const state = this.held !== null ? 'held' : this.loss !== null ? 'lost' : 'absent';
    if (!isAllowed) throw new Error(`edge agent ${this.agentId} cannot be ${transition}: it is ${state}`);
  }

  private change(next: Partial<Writable<Omit<AgentSession, 'backlog' | 'flaps'>>>): void {
    Object.assign(this, next);
    if (this.held !== null && this.loss !== null) throw new Error(`edge agent ${this.agentId} is both held and lost`);
  }
}
