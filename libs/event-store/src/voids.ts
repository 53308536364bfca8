import type { JetStreamManager, SeqMsgRequest, StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Stream } from '@app/kernel';
import { bytesOf, hashOf } from './message-hash.js';
import { pause } from './pause.js';
import { withUnavailable } from './unavailable.js';
import { CALLS, FACTS } from './streams.js';

/** Where the facts stand that void a message. */
const SUBJECTS = 'facts.log.event.*';
const STREAM_OF: Readonly<Record<string, Stream>> = { [FACTS]: 'facts', [CALLS]: 'calls' };
/** Facts about the log itself stay readable, or a void could hide a void. */
const UNVOIDABLE = 'facts.log.';
const LOOK_EVERY_MS = 1_000;

/** What `log.event.voided` says, as this library reads it: it knows no context. */
interface Said {
  readonly stream: string;
  readonly position: number;
  readonly hash: string;
}

/** One message that every fold treats as absent. */
export interface Voided {
  readonly stream: Stream;
  readonly position: number;
  /** Its subject: what was folded without it may be folded again. */
  readonly subject: string;
}

/**
 * The messages that admins voided, kept in memory. A void counts when its hash is that of the message; else it has no effect.
 * Everything that the log holds is known before the first reader begins.
 *
 * The log is asked for the next one, once in a while. A consumer would know each as it is stored, and costs the server a third more CPU at
 * every append, in each process, for what happens once a year.
 */
export class Voids {
  private readonly voided = new Map<Stream, Set<number>>();
  private readonly listeners = new Set<(voided: Voided) => void>();
  private readonly closing = new AbortController();
  /** The position of the last void that was looked at. */
  private taken = 0;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly nc: NatsConnection,
    private readonly jsm: JetStreamManager,
  ) {}

  has(stream: Stream, position: number): boolean {
    return this.voided.get(stream)?.has(position) ?? false;
  }

  /** Calls for each message that is voided from now on; returns how to stop. */
  onVoid(listener: (voided: Voided) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Resolves when every void that the log holds now is known; another one becomes known within LOOK_EVERY_MS. Throws `LogUnavailable`. */
  async start(): Promise<void> {
    await this.catchUp();
    void this.nc.closed().then(() => this.stop());
    void this.keepLooking();
  }

  stop(): void {
    this.closing.abort();
  }

  /** Resolves when every void that was stored before this call is known. Throws `LogUnavailable`. */
  catchUp(): Promise<void> {
    this.looking = this.looking.catch(() => undefined).then(() => this.look());
    return this.looking;
  }

  private async keepLooking(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      await pause(LOOK_EVERY_MS, signal);
      if (!signal.aborted) await this.catchUp().catch(() => undefined); // Whoever reads the log itself says what is wrong with it.
    }
  }

  /** Takes each void after the last one that was taken. */
  private async look(): Promise<void> {
    for (;;) {
      const next = await withUnavailable(() =>
        this.jsm.streams.getMessage(FACTS, { seq: this.taken + 1, next_by_subj: SUBJECTS } as SeqMsgRequest),
      );
      if (next === null) return;
      await this.take(next);
      this.taken = next.seq;
    }
  }

  private async take(message: StoredMsg): Promise<void> {
    const said = saidIn(message);
    const stream = said === undefined ? undefined : STREAM_OF[said.stream];
    if (said === undefined || stream === undefined || this.has(stream, said.position)) return;
    const target = await withUnavailable(() => this.jsm.streams.getMessage(said.stream, { seq: said.position }));
    if (target === null || target.subject.startsWith(UNVOIDABLE) || hashOf(bytesOf(target)) !== said.hash) return;
    this.voided.set(stream, (this.voided.get(stream) ?? new Set()).add(said.position));
    for (const listener of this.listeners) listener({ stream, position: said.position, subject: target.subject });
  }
}

function saidIn(message: StoredMsg): Said | undefined {
  try {
    const { stream, position, hash: is } = message.json<Said>();
    return typeof stream === 'string' && Number.isSafeInteger(position) && typeof is === 'string'
      ? { stream, position, hash: is }
      : undefined;
  } catch {
    return undefined;
  }
}
