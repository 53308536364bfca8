import { Injectable, Logger } from '@nestjs/common';
import { type Doubt, FactFeed, type FactReader, type Recorded } from '@app/event-store';
import { Clock, momentOf } from '@app/kernel';
import { agent, isArchived } from '../agent.stream.js';
import type { AgentId } from '../events/index.js';
import type { Loss } from './agent-status.js';
import { AGENT_POLICY } from './agent-policy.js';
import { returningOf } from './returning.js';
import { TunnelTimes } from './times.js';
import { tunnel } from '../tunnel.stream.js';
import { type Post, newPost } from './post.js';

/** Every agent that ever joined, as the log has it. */
@Injectable()
export class Roster {
  private readonly log = new Logger('edge.roster');
  private readonly posts = new Map<string, Post>();
  private readonly onRevoked: ((post: Post) => void)[] = [];
  private readonly onDoubt: ((post: Post) => void)[] = [];
  private readonly onLost: (() => void)[] = [];
  private readonly waiting = new Map<string, () => void>();
  private isCaughtUp = false;
  private hasEnded = false;

  constructor(
    private readonly feed: FactFeed,
    private readonly clock: Clock,
    private readonly times: TunnelTimes,
  ) {}

  /** Resolves when everything that the log holds now was heard. Throws what the feed throws; then it may be asked again. */
  async follow(signal: AbortSignal): Promise<void> {
    const early: Error[] = [];
    await this.feed.watch([agent.name, tunnel.name], this.reader, signal, (error) =>
      this.isCaughtUp ? this.lost(error) : early.push(error),
    );
    if (early[0] !== undefined) throw early[0];
    const unseen = [...this.posts.values()].filter((post) => this.lossAtStart(post, 0)?.how === 'unobserved').length;
    const { graceMs } = returningOf(unseen, this.times, AGENT_POLICY);
    for (const post of this.posts.values()) {
      post.loss = this.lossAtStart(post, graceMs);
      post.isProved = post.loss !== null && post.said.status !== 'quarantined';
    }
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

  get(agentId: string): Post | undefined {
    return this.posts.get(agentId);
  }

  get size(): number {
    return this.posts.size;
  }

  all(): Iterable<Post> {
    return this.posts.values();
  }

  /** Resolves when the log was heard to have this agent, or after `timeoutMs`. */
  async known(agentId: AgentId, timeoutMs: number): Promise<void> {
    if (this.posts.has(agentId)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.set(agentId, resolve);
    const callOff = this.clock.after(timeoutMs, resolve);
    await promise;
    callOff();
    this.waiting.delete(agentId);
  }

  whenRevoked(listener: (post: Post) => void): void {
    this.onRevoked.push(listener);
  }

  /** Called when an agent must be refused, since a message about it cannot be read. */
  whenInDoubt(listener: (post: Post) => void): void {
    this.onDoubt.push(listener);
  }

  /** Called once, when nothing more will be heard of any agent. */
  whenLost(listener: () => void): void {
    this.onLost.push(listener);
  }

  private readonly reader: FactReader = {
    hear: (fact) => this.hear(fact),
    doubt: (subject, doubt) => this.doubt(subject, doubt),
    again: (subject) => this.again(subject),
  };

  private postOf(subject: string): Post {
    const agentId = subject.slice(subject.lastIndexOf('.') + 1) as AgentId;
    const known = this.posts.get(agentId);
    if (known !== undefined) return known;
    const post = newPost(agentId);
    this.posts.set(agentId, post);
    return post;
  }

  /** A message that cannot be read may be the revocation. */
  private doubt(subject: string, { position, code, detail }: Doubt): void {
    const post = this.postOf(subject);
    post.doubts.add(subject);
    this.log.error(`Refuses edge agent ${post.agentId} until the message at ${position} is voided or can be read (${code}): ${detail}`);
    for (const listener of this.onDoubt) listener(post);
  }

  /** The facts of the subject follow, from the first. The agent is one that this process has not seen yet. */
  private again(subject: string): void {
    const post = this.postOf(subject);
    post.doubts.delete(subject);
    if (subject.startsWith(`facts.${tunnel.name}.`)) Object.assign(post, { tunnel: tunnel.initial, tunnelPosition: 0 });
    else Object.assign(post, { agent: agent.initial, said: newPost(post.agentId).said });
    const { graceMs } = returningOf(1, this.times, AGENT_POLICY);
    if (post.held === null) post.loss = { how: 'unobserved', atMs: this.clock.nowMs(), graceMs, lost: 'started' };
  }

  private hear(fact: Recorded): void {
    const post = this.postOf(fact.subject);
    if (fact.type in tunnel.evolve) this.hearOfTunnel(post, fact);
    else this.hearOfAgent(post, fact);
  }

  /** What this process wrote itself it knows already, and may know better by now. */
  private hearOfTunnel(post: Post, fact: Recorded): void {
    if (fact.position <= post.tunnelPosition) return;
    post.tunnel = tunnel.next(post.tunnel, fact);
    post.tunnelPosition = fact.position;
  }

  private hearOfAgent(post: Post, fact: Recorded): void {
    const before = post.agent.lifecycle;
    const wasArchived = isArchived(post.agent);
    post.agent = agent.next(post.agent, fact);
    if (isArchived(post.agent) && !wasArchived) post.archivedPosition = fact.position;
    if (post.agent.lifecycle === 'enrolled' && fact.position > post.said.position) {
      const { status, reason } = post.agent.verdict;
      post.said = { status, reason, position: fact.position };
    }
    if (before === 'unknown') this.waiting.get(post.agentId)?.();
    if (post.agent.lifecycle === 'revoked' && before !== 'revoked') for (const listener of this.onRevoked) listener(post);
  }

  /** How an agent was lost that was well when somebody last looked, or was not. `graceMs`: how long it may take until all are seen. */
  private lossAtStart({ agent: state }: Post, graceMs: number): Loss | null {
    if (state.lifecycle !== 'enrolled') return null;
    const { status, reason, since, expected_back_at } = state.verdict;
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
