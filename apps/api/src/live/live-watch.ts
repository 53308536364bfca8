import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { LiveFeed } from './live-feed.js';

interface Sight {
  start(): void;
  stop(): Promise<void>;
  onChange(listener: () => void): () => void;
}

/** Keeps the process looking at the log, PostgreSQL and Valkey, and tells the page when what it sees has changed. */
@Injectable()
export class LiveWatch implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly sight: Sight,
    private readonly subscription: LiveFeed,
  ) {}

  onApplicationBootstrap(): void {
    this.sight.onChange(() => this.subscription.reset('services'));
    this.sight.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.sight.stop();
  }
}
