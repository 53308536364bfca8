import { Injectable } from '@nestjs/common';

/** Calls with one peer since this process started, as heartbeats tell them: accepted ones, by direction. */
export interface CallCount {
  readonly calls_in: number;
  readonly calls_out: number;
}

/** Counts what heartbeats tell of calls, so that both sides can see whether they counted the same. */
@Injectable()
export class CallCounters {
  private readonly counts = new Map<string, { calls_in: number; calls_out: number }>();

  /** One call was accepted. */
  count(peerId: string, direction: 'in' | 'out'): void {
    const counted = this.counts.get(peerId) ?? { calls_in: 0, calls_out: 0 };
    counted[`calls_${direction}`]++;
    this.counts.set(peerId, counted);
  }

  of(peerId: string): CallCount {
    return { ...(this.counts.get(peerId) ?? { calls_in: 0, calls_out: 0 }) };
  }

  forget(peerId: string): void {
    this.counts.delete(peerId);
  }
}
