import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { FactFeed, type FactReader, type Recorded } from '@app/event-store';
import { streamOf } from '@app/kernel';
import * as events from '../events/index.js';
import type { TokenId } from '../events/index.js';
import { SignIns } from './sign-ins.adapter.js';

/** The token that a fact takes its rights from; null: it takes none. */
const revoked = streamOf('access.token', events).folds<TokenId | null>({
  initial: null,
  evolve: { 'access.token.issued': () => null, 'access.token.revoked': (_token, { data }) => data.token_id },
});

/** Has a process that revokes no tokens itself forget those that another revoked, as soon as the facts say so. */
@Injectable()
export class Revocations implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('access.revocations');
  private readonly closing = new AbortController();

  constructor(
    private readonly feed: FactFeed,
    private readonly signIns: SignIns,
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
        doubt: (subject) => this.signIns.forget(`token:${subject.slice(subject.lastIndexOf('.') + 1)}`),
        again: () => undefined,
      };
      await this.feed.watch([revoked.name], reader, this.closing.signal, lost);
    } catch (error) {
      if (!isLost) throw error; // Else it was said, and all else goes on.
    }
  }

  onModuleDestroy(): void {
    this.closing.abort();
  }

  private hear(fact: Recorded): void {
    const tokenId = revoked.next(revoked.initial, fact);
    if (tokenId !== null) this.signIns.forget(`token:${tokenId}`);
  }
}
