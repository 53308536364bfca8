import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type UnreadableSubject, EventSubscription, type Recorded } from '@app/event-store';
import { routeTable } from '../route-table.stream.js';
import { type CallToRoute, type RouteDecision, type Routes, agentsOpenTo, decideRoute } from '../routing.js';

/** The routing table as it is now, in memory: a call is decided on without asking anybody. */
@Injectable()
export class RoutingTable implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('federation.routes');
  private rules: Routes = routeTable.initial;
  private isComplete = false;
  private isUnreadable = false;
  private hasEnded = false;
  private readonly listeners = new Set<() => void>();
  private readonly closing = new AbortController();

  constructor(private readonly subscription: EventSubscription) {}

  /**
   * Resolves when the whole table was heard, or cannot be. Until then every call is denied: a rule that allows may be one that was removed
   * since. Throws when the log does not answer.
   */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.subscription.watch(
        [routeTable.name],
        {
          hear: (fact) => this.hear(fact),
          unreadable: (_table, trouble) => this.refuse(trouble),
          again: () => this.readAgain(),
        },
        this.closing.signal,
        (error) => this.lost(error),
      );
      this.isComplete = !this.hasEnded;
    } catch (error) {
      if (!this.hasEnded) throw error; // Else it was said, and all else goes on.
    }
  }

  onModuleDestroy(): void {
    this.closing.abort();
  }

  /** From here on every call is denied: a rule that is removed next would not be seen to be, nor what a newer process wrote. */
  private lost(error: Error): void {
    this.isComplete = false;
    this.hasEnded = true;
    this.log.error(`routing rules are not followed any more, and every call is denied until a restart: ${error.message}`);
  }

  /** Whether no change of the table will be heard any more, until a restart. */
  get isLost(): boolean {
    return this.hasEnded;
  }

  decide(call: CallToRoute): RouteDecision {
    return decideRoute(this.inForce, call);
  }

  /** The agents of ours that rules name and open to a peer. */
  agentsOpenTo(peerId: string): string[] {
    return agentsOpenTo(this.inForce, peerId);
  }

  /** The credentials that rules name. */
  get credentialIds(): ReadonlySet<string> {
    return new Set(this.rules.flatMap(({ credential }) => (credential === null ? [] : [credential.credential_id])));
  }

  /** Calls whenever the table is not what it was; answers how to end that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** No rule, hence no call, while the table is not wholly known. */
  private get inForce(): Routes {
    return this.isComplete && !this.isUnreadable ? this.rules : routeTable.initial;
  }

  /** A rule that cannot be read may be one that forbids: every call is denied until an admin voids the message. */
  private refuse({ position, code, detail }: UnreadableSubject): void {
    this.isUnreadable = true;
    this.log.error(`Denies every call until the routing rule at ${position} is voided or can be read (${code}): ${detail}`);
    for (const listener of this.listeners) listener();
  }

  private readAgain(): void {
    this.rules = routeTable.initial;
    this.isUnreadable = false;
    this.log.warn('Reads the routing table again, since a message of it was voided.');
  }

  private hear(fact: Recorded): void {
    this.rules = routeTable.next(this.rules, fact);
    for (const listener of this.listeners) listener();
  }
}
