import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Prober } from '@app/services';

/** Runs the prober for as long as the process does. */
@Injectable()
export class ProberService implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(private readonly prober: Prober) {}

  onApplicationBootstrap(): void {
    this.prober.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.prober.stop();
  }
}
