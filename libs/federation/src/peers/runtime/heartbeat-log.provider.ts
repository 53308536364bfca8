import { Injectable } from '@nestjs/common';
import { Telemetry } from '@app/event-store';
import type { NewEvent } from '@app/kernel';

/** Whose heartbeats and statuses these are. */
export const FEDERATION = 'system:federation';

const KEEP_MS = 3_000;
/** So many failed attempts a status names at most. */
const MAX_MISSES = 5;
/** So many events of one peer may be on their way into a log that is slow; more are not kept. */
const MAX_UNDER_WAY = 4;

interface Kept {
  readonly underWay: Set<Promise<void>>;
  /** Positions of the last sign of life each way, and of the failures since the last answer. */
  in: string | null;
  out: string | null;
  misses: string[];
}

/** Keeps heartbeats, those that came and those that did not, and remembers where, for statuses to name what they rest on. */
@Injectable()
export class HeartbeatLog {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly telemetry: Telemetry) {}

  /** Does not wait for the log: one heartbeat is worth little, and the next one comes soon. */
  keep(peerId: string, what: 'in' | 'out' | 'miss', event: NewEvent): void {
    const kept = this.kept.get(peerId) ?? { underWay: new Set(), in: null, out: null, misses: [] };
    this.kept.set(peerId, kept);
    if (kept.underWay.size >= MAX_UNDER_WAY) return;
    const remember = (position: string): void => {
      if (what === 'miss') kept.misses = [...kept.misses, position].slice(-MAX_MISSES);
      else kept[what] = position;
      if (what === 'out') kept.misses = [];
    };
    const keeping = this.telemetry.keep(event, FEDERATION, KEEP_MS).then(remember, () => undefined);
    kept.underWay.add(keeping);
    void keeping.finally(() => kept.underWay.delete(keeping));
  }

  /** Rejects when the log did not keep it. */
  async keepEvaluation(event: NewEvent): Promise<void> {
    await this.telemetry.keep(event, FEDERATION, KEEP_MS);
  }

  /** The positions of what a status of now rests on, when what is on its way has arrived. */
  async evidence(peerId: string): Promise<string[]> {
    const kept = this.kept.get(peerId);
    if (kept === undefined) return [];
    await Promise.all(kept.underWay);
    return [kept.in, kept.out, ...kept.misses].filter((position) => position !== null);
  }

  forget(peerId: string): void {
    this.kept.delete(peerId);
  }
}
