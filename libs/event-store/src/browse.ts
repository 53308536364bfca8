import type { JetStreamManager } from '@nats-io/jetstream';
import type { Stream } from '@app/kernel';
import type { Decoded, Decoder } from './decoder.js';
import { type RawMessage, type Recorded, recorded } from './envelope.js';
import { bytesOf, hashOf } from './message-hash.js';
import { pageOf, rawOf } from './page.js';
import { withUnavailable } from './unavailable.js';
import { CALLS, FACTS, TELEMETRY } from './streams.js';
import type { Voids } from './voids.js';

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
  /** Whether whoever asks may see the events on a subject; absent: all. */
  readonly isShown?: ((subject: string) => boolean) | undefined;
  /** Only what stands before this position. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** One message as it was written. What a newer release wrote, and what no release can read, is shown and not understood. */
export interface Listed extends Omit<Recorded, 'data'> {
  /** null: the body is not a JSON object, or larger than `MAX_DATA_BYTES`. */
  readonly data: object | null;
  /** Of the body, bytes. */
  readonly size: number;
  /** Why no fold uses it; null: folds use it. */
  readonly unreadable: { readonly code: string; readonly detail: string } | null;
  /** Whether an admin voided it: every fold skips it. */
  readonly voided: boolean;
}

/** One message, whole. */
export interface Shown extends Listed {
  /** What a void of this message must name. */
  readonly hash: string;
  /** As text, one header a line. */
  readonly headers: string;
  /** As text, the first `MAX_BODY_CHARACTERS`. */
  readonly body: string;
}

export interface Browsed {
  /** Newest first. */
  readonly events: readonly Listed[];
  /** Where to go on, as `before`; null: there is nothing older. */
  readonly next: number | null;
}

/** Larger data would make an answer of many events too large; one event by its position shows the body as text. */
const MAX_DATA_BYTES = 64 * 1024;
const MAX_BODY_CHARACTERS = 64 * 1024;
const WINDOW = 256;
/** So many messages one question may look at; the answer then says where to go on. */
const MAX_LOOKED_AT = 5_120;

/** The log, backwards: what an operator reads who asks what happened. */
export class Browser {
  constructor(
    private readonly jsm: JetStreamManager,
    private readonly decoder: Decoder,
    private readonly voids: Pick<Voids, 'catchUp'>,
  ) {}

  /** Throws `LogUnavailable`. */
  async browse(request: Browse): Promise<Browsed> {
    await this.voids.catchUp(); // Whoever voided a message looks at it next.
    return withUnavailable(() => this.backwards(request));
  }

  /** The message at one position, as the leader keeps it; null: there is none. Throws `LogUnavailable`. */
  async at(stream: Stream, position: number): Promise<Shown | null> {
    if (position < 1) return null;
    await this.voids.catchUp();
    const stored = await withUnavailable(() => this.jsm.streams.getMessage(STREAM[stream], { seq: position }));
    if (stored === null) return null;
    const bytes = bytesOf(stored);
    const text = (of: Uint8Array): string => Buffer.from(of).toString('utf8');
    const headers = text(bytes.header)
      .replace(/^NATS\/1\.0[^\r]*\r\n/, '')
      .trimEnd();
    return { ...this.listed(rawOf(stored)), hash: hashOf(bytes), headers, body: text(bytes.body).slice(0, MAX_BODY_CHARACTERS) };
  }

  private async backwards(request: Browse): Promise<Browsed> {
    const name = STREAM[request.stream];
    const { state } = await this.jsm.streams.info(name);
    if (state.messages === 0) return { events: [], next: null }; // It says that it begins at 0, where no message can be.
    const found: Listed[] = [];
    let before = Math.min(request.before ?? Infinity, state.last_seq + 1);
    for (let lookedAt = 0; before > state.first_seq && lookedAt < MAX_LOOKED_AT; lookedAt += WINDOW) {
      const from = Math.max(state.first_seq, before - WINDOW);
      const window = (await pageOf(this.jsm, name, { seq: from, batch: before - from })).filter(({ seq }) => seq < before).reverse();
      for (const message of window) {
        const event = this.listed(message);
        if (!matches(event, request)) continue;
        if (found.length === request.limit) return { events: found, next: found.at(-1)?.position ?? null };
        found.push(event);
      }
      before = from;
    }
    return { events: found, next: before > state.first_seq ? before : null };
  }

  private listed(message: RawMessage): Listed {
    const decoded = this.decoder.decode(message);
    return { ...asWritten(message), size: message.size, unreadable: whyUnreadable(decoded), voided: decoded.is === 'voided' };
  }
}

function asWritten(message: RawMessage): Omit<Recorded, 'data'> & { data: object | null } {
  try {
    if (message.size > MAX_DATA_BYTES) return { ...withoutData(message), data: null };
    const { data, ...event } = recorded(message);
    return { ...event, data: typeof data === 'object' && !Array.isArray(data) ? data : null };
  } catch {
    return { ...withoutData(message), data: null };
  }
}

const withoutData = (message: RawMessage): Omit<Recorded, 'data'> => {
  const { data: _none, ...event } = recorded({ ...message, json: <T>() => null as T });
  return event;
};

function whyUnreadable(decoded: Decoded): Listed['unreadable'] {
  if (decoded.is === 'unreadable') return { code: decoded.code, detail: decoded.detail };
  if (decoded.is === 'newer') return { code: 'event.unknown', detail: `Release ${decoded.release} wrote it.` };
  return null;
}

const matches = (event: Listed, { type, subject, room, actor, isShown }: Browse): boolean =>
  isShown?.(event.subject) !== false &&
  (type === undefined || event.type === type) &&
  (subject === undefined || event.subject === subject) &&
  (room === undefined || event.subject.split('.', 2)[1] === room) &&
  (actor === undefined || event.actor === actor);
