import type { JetStreamManager } from '@nats-io/jetstream';
import type { Stream } from '@app/kernel';
import { ForeignMessage, type RawMessage, type Recorded, recorded } from './envelope.js';
import { pageOf } from './page.js';
import { spoken } from './silence.js';
import { CALLS, FACTS, TELEMETRY } from './streams.js';

const STREAM: Record<Stream, string> = { facts: FACTS, calls: CALLS, telemetry: TELEMETRY };

/** Which events; a field that is absent asks for nothing. */
export interface Browse {
  readonly stream: Stream;
  /** `federation.peer.registered`, exactly. */
  readonly type?: string | undefined;
  /** `facts.federation.peer.lisbon-2`, exactly. */
  readonly subject?: string | undefined;
  readonly room?: string | undefined;
  readonly actor?: string | undefined;
  /** Only what stands before this position. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface Browsed {
  /** Newest first. As they were written: what a newer process wrote is shown, not understood. */
  readonly events: readonly Recorded[];
  /** Where to go on, as `before`; null: there is nothing older. */
  readonly next: number | null;
}

const WINDOW = 256;
/** So many messages one question may look at; the answer then says where to go on. */
const MAX_LOOKED_AT = 5_120;

/** The log, backwards: what an operator reads who asks what happened. */
export class Browser {
  constructor(private readonly jsm: JetStreamManager) {}

  /** Throws `LogUnavailable`. */
  async browse(question: Browse): Promise<Browsed> {
    return spoken(() => this.backwards(question));
  }

  private async backwards(question: Browse): Promise<Browsed> {
    const name = STREAM[question.stream];
    const { state } = await this.jsm.streams.info(name);
    const found: Recorded[] = [];
    let before = Math.min(question.before ?? Infinity, state.last_seq + 1);
    for (let lookedAt = 0; before > state.first_seq && lookedAt < MAX_LOOKED_AT; lookedAt += WINDOW) {
      const from = Math.max(state.first_seq, before - WINDOW);
      const window = (await pageOf(this.jsm, name, { seq: from, batch: before - from })).filter(({ seq }) => seq < before).reverse();
      for (const message of window) {
        const event = eventOf(message);
        if (event === undefined || !matches(event, question)) continue;
        if (found.length === question.limit) return { events: found, next: found.at(-1)?.position ?? null };
        found.push(event);
      }
      before = from;
    }
    return { events: found, next: before > state.first_seq ? before : null };
  }
}

function eventOf(message: RawMessage): Recorded | undefined {
  try {
    return recorded(message);
  } catch (error) {
    if (error instanceof ForeignMessage) return undefined;
    throw error;
  }
}

const matches = (event: Recorded, { type, subject, room, actor }: Browse): boolean =>
  (type === undefined || event.type === type) &&
  (subject === undefined || event.subject === subject) &&
  (room === undefined || event.type.startsWith(`${room}.`)) &&
  (actor === undefined || event.actor === actor);
