import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Instant } from '@app/kernel';
import { LinkTiming } from './link-timing.js';

/** What this process says of itself in everything it says to peers. */
@Injectable()
export class Boot {
  readonly id: string = randomUUID();

  constructor(private readonly timing: LinkTiming) {}

  says(nowMs: number): { boot_id: string; sent_at: Instant; protocol_min: number; protocol_max: number } {
    const { min, max } = this.timing.policy.protocol;
    return { boot_id: this.id, sent_at: new Date(nowMs).toISOString() as Instant, protocol_min: min, protocol_max: max };
  }
}
