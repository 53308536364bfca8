import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventSubscription, type FactReader, type Recorded } from '@app/event-store';
import { KnownSecrets } from './known-secrets.adapter.js';
import { Rights } from './rights.adapter.js';
import { SignIns } from './sign-ins.adapter.js';

/**
 * Follows what the facts say of tokens and sessions: all of it before the process lets anybody in, then as it is written, so that a process
 * that revokes none itself forgets those that another revoked, and knows those that another issued.
 */
@Injectable()
export class Revocations implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('access.revocations');
  private readonly closing = new AbortController();
  /** All that the log held at the start was heard. */
  private isCurrent = false;

  constructor(
    private readonly subscription: EventSubscription,
    private readonly signIns: SignIns,
    private readonly rights: Rights,
    private readonly secrets: KnownSecrets,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    let isLost = false;
    const lost = (error: Error): void => {
      isLost = true;
      this.log.warn(`revocations are not followed any more, and count after half a minute: ${error.message}`);
    };
    try {
      const reader: FactReader = {
        hear: (fact) => this.hear(fact),
        unreadable: (subject) => this.signIns.forget(this.rights.block(subject)),
        again: (subject) => this.rights.again(subject),
      };
      await this.subscription.watch(['access.token', 'access.session'], reader, this.closing.signal, lost);
    } catch (error) {
      if (!isLost) throw error; // Else it was said, and all else goes on.
    }
    this.isCurrent = true;
    await this.secrets.load();
  }

  onModuleDestroy(): void {
    this.closing.abort();
  }

  private hear(fact: Recorded): void {
    const { actor, change } = this.rights.hear(fact);
    if (change === 'taken') this.signIns.forget(actor);
    else if (typeof change === 'object') this.signIns.endSet(actor);
    else if (this.isCurrent) void this.secrets.load(actor); // Its row is written before its fact.
  }
}
