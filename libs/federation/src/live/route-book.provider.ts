import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { FactFeed, type Recorded } from '@app/event-store';
import { entryFor } from '@app/kernel';
import { routeTable } from '../route-table.stream.js';
import { type CallToRoute, type RouteDecision, type Routes, agentsOpenTo, decideRoute } from '../routing.js';

/** The routing table as it is now, in memory: a call is decided on without asking anybody. */
@Injectable()
export class RouteBook implements OnApplicationBootstrap, OnModuleDestroy {
  private rules: Routes = routeTable.initial;
  private isComplete = false;
  private readonly closing = new AbortController();

  constructor(private readonly feed: FactFeed) {}

  /** Resolves when the whole table was heard. Until then every call is denied: a rule that allows may be one that was removed since. */
  async onApplicationBootstrap(): Promise<void> {
    await this.feed.watch([routeTable.name], (fact) => this.hear(fact), this.closing.signal);
    this.isComplete = true;
  }

  onModuleDestroy(): void {
    this.closing.abort();
  }

  decide(call: CallToRoute): RouteDecision {
    return decideRoute(this.isComplete ? this.rules : routeTable.initial, call);
  }

  /** The agents of ours that rules name and open to a peer. */
  agentsOpenTo(peerId: string): string[] {
    return agentsOpenTo(this.isComplete ? this.rules : routeTable.initial, peerId);
  }

  private hear(fact: Recorded): void {
    this.rules = entryFor<(rules: Routes, fact: Recorded) => Routes>(routeTable.evolve, fact)(this.rules, fact);
  }
}
