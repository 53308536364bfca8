import { Injectable, Logger } from '@nestjs/common';
import { type UnreadableSubject, EventSubscription, type FactReader, type Recorded } from '@app/event-store';
import { Clock, momentOf } from '@app/kernel';
import { agent } from '../agent.stream.js';
import type { AgentId } from '../events/index.js';
import type { Loss } from './agent-status.js';
import { AGENT_POLICY } from './agent-policy.js';
import { reconnectBudgetOf } from './reconnect-budget.js';
import { TunnelTimes } from './times.js';
import { tunnel } from '../tunnel.stream.js';
import { AgentSession } from './agent-session.js';

/** Every agent that ever joined, as the log has it. */
@Injectable()
export class AgentRegistry {
  private readonly log = new Logger('edge.roster');
  private readonly sessions = new Map<string, AgentSession>();
  private readonly onRevoked: ((session: AgentSession) => void)[] = [];
  private readonly onUnreadable: ((session: AgentSession) => void)[] = [];
  private readonly onLost: (() => void)[] = [];
  private readonly waiting = new Map<string, () => void>();
  private isCaughtUp = false;
  private hasEnded = false;

  constructor(
    private readonly subscription: EventSubscription,
    private readonly clock: Clock,
    private readonly times: TunnelTimes,
  ) {}

  /** Resolves when everything that the log holds now was heard. Throws what the feed throws; then it may be asked again. */
  async consume(signal: AbortSignal): Promise<void> {
    const early: Error[] = [];
    await this.subscription.watch([agent.name, tunnel.name], this.reader, signal, (error) =>
      this.isCaughtUp ? this.lost(error) : early.push(error),
    );
    if (early[0] !== undefined) throw early[0];
    const unseen = [...this.sessions.values()].filter((session) => this.lossAtStart(session, 0)?.how === 'unobserved').length;
    const { graceMs } = reconnectBudgetOf(unseen, this.times, AGENT_POLICY);
    for (const session of this.sessions.values()) session.restored(this.lossAtStart(session, graceMs));
    this.isCaughtUp = true;
  }

  /** From here on nothing is said of any agent: one that is revoked next would not be seen to be. */
  private lost(error: Error): void {
    this.isCaughtUp = false;
    this.hasEnded = true;
    this.log.error(
      `edge agents are not followed any more: all are sent away, and none is let in or judged until a restart: ${error.message}`,
    );
    for (const listener of this.onLost) listener();
  }

  /** Whether it can be said of an agent that it is not there. */
  get isReady(): boolean {
    return this.isCaughtUp;
  }

  /** Whether nothing more will be heard of any agent, until a restart. */
  get isLost(): boolean {
    return this.hasEnded;
  }

  get(agentId: string): AgentSession | undefined {
    return this.sessions.get(agentId);
  }

  get size(): number {
    return this.sessions.size;
  }

  all(): Iterable<AgentSession> {
    return this.sessions.values();
  }

  /** Resolves when the log was heard to have this agent, or after `timeoutMs`. */
  async known(agentId: AgentId, timeoutMs: number): Promise<void> {
    if (this.sessions.has(agentId)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.set(agentId, resolve);
    const callOff = this.clock.after(timeoutMs, resolve);
    await promise;
    callOff();
    this.waiting.delete(agentId);
  }

  whenRevoked(listener: (session: AgentSession) => void): void {
    this.onRevoked.push(listener);
  }

  /** Called when an agent must be refused, since a message about it cannot be read. */
  whenUnreadable(listener: (session: AgentSession) => void): void {
    this.onUnreadable.push(listener);
  }

  /** Called once, when nothing more will be heard of any agent. */
  whenLost(listener: () => void): void {
    this.onLost.push(listener);
  }

  private readonly reader: FactReader = {
    hear: (fact) => this.hear(fact),
    unreadable: (subject, trouble) => this.refuse(subject, trouble),
    again: (subject) => this.again(subject),
  };

  private sessionOf(subject: string): AgentSession {
    const agentId = subject.slice(subject.lastIndexOf('.') + 1) as AgentId;
    const known = this.sessions.get(agentId);
    if (known !== undefined) return known;
    const session = new AgentSession(agentId);
    this.sessions.set(agentId, session);
    return session;
  }

  /** A message that cannot be read may be the revocation. */
  private refuse(subject: string, { position, code, detail }: UnreadableSubject): void {
    const session = this.sessionOf(subject);
    session.blocked(subject);
    this.log.error(`Refuses edge agent ${session.agentId} until the message at ${position} is voided or can be read (${code}): ${detail}`);
    for (const listener of this.onUnreadable) listener(session);
  }

  /** The facts of the subject follow, from the first. The agent is one that this process has not seen yet. */
  private again(subject: string): void {
    const session = this.sessionOf(subject);
    const { graceMs } = reconnectBudgetOf(1, this.times, AGENT_POLICY);
    session.replayed(subject, { how: 'unobserved', atMs: this.clock.nowMs(), graceMs, lost: 'started' });
  }

  private hear(fact: Recorded): void {
    const session = this.sessionOf(fact.subject);
    if (fact.type in tunnel.evolve) session.tunnelFact(fact);
    else this.hearOfAgent(session, fact);
  }

  private hearOfAgent(session: AgentSession, fact: Recorded): void {
    const before = session.agent.lifecycle;
    session.agentFact(fact);
    if (before === 'unknown') this.waiting.get(session.agentId)?.();
    if (session.agent.lifecycle === 'revoked' && before !== 'revoked') for (const listener of this.onRevoked) listener(session);
  }

  /** How an agent was lost that was well when somebody last looked, or was not. `graceMs`: how long it may take until all are seen. */
  private lossAtStart({ agent: state }: AgentSession, graceMs: number): Loss | null {
    if (state.lifecycle !== 'enrolled') return null;
    const { status, reason, since, expected_back_at } = state.evaluation;
    const nowMs = this.clock.nowMs();
    switch (status) {
      case 'enrolled':
      case 'revoked':
        return null;
      case 'disconnected':
        return { how: 'down', atMs: momentOf(this.clock, since), reason: reason ?? 'heartbeat_timeout' };
      case 'stale':
        return {
          how: 'down',
          atMs: Math.min(momentOf(this.clock, since), nowMs - AGENT_POLICY.staleMs),
          reason: reason ?? 'heartbeat_timeout',
        };
      case 'restarting':
        return { how: 'restarting', atMs: nowMs, backByMs: expected_back_at === null ? nowMs : momentOf(this.clock, expected_back_at) };
      case 'connected':
      case 'degraded':
      case 'reconnecting':
      case 'quarantined':
      case 'unknown':
        return { how: 'unobserved', atMs: nowMs, graceMs, lost: 'started' };
    }
  }
}
