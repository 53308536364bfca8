import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Stream } from '@app/kernel';
import type { RawMessage } from './envelope.js';
import { follow } from './follow.js';
import type { LogGate } from './log-gate.js';
import { bytesOf, hashOf } from './message-hash.js';
import { pause } from './pause.js';
import { spoken } from './silence.js';
import { CALLS, FACTS } from './streams.js';

/** Where the facts stand that void a message. */
const SUBJECTS = 'facts.log.event.*';
const STREAM_OF: Readonly<Record<string, Stream>> = { [FACTS]: 'facts', [CALLS]: 'calls' };
/** Facts about the log itself stay readable, or a void could hide a void. */
const UNVOIDABLE = 'facts.log.';
const AGAIN_MS = 1_000;

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
 * The messages that admins voided, followed in memory. A void counts when its hash is that of the message; else it has no effect.
 * Everything that the log holds is known before the first reader begins.
 */
export class Voids {
  private readonly voided = new Map<Stream, Set<number>>();
  private readonly listeners = new Set<(voided: Voided) => void>();
  private readonly closing = new AbortController();

  constructor(
    private readonly nc: NatsConnection,
    private readonly jsm: JetStreamManager,
    private readonly gate: LogGate,
  ) {}

  has(stream: Stream, position: number): boolean {
    return this.voided.get(stream)?.has(position) ?? false;
  }

  /** Calls for each message that is voided from now on; returns how to stop. */
  onVoid(listener: (voided: Voided) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Resolves when every void that the log holds now is known; the others become known as they are stored. Throws `LogUnavailable`. */
  async start(): Promise<void> {
    const last = (await spoken(() => this.jsm.streams.getMessage(FACTS, { last_by_subj: SUBJECTS })))?.seq ?? 0;
    const caughtUp = Promise.withResolvers<void>();
    if (last === 0) caughtUp.resolve();
    void this.nc.closed().then(() => this.stop());
    void this.keepFollowing((seq) => seq >= last && caughtUp.resolve());
    await caughtUp.promise;
  }

  stop(): void {
    this.closing.abort();
  }

  private async keepFollowing(reached: (seq: number) => void): Promise<void> {
    const { signal } = this.closing;
    for (let after = 0; !signal.aborted;) {
      try {
        const from = { stream: FACTS, after, incarnation: this.gate.incarnationOf(FACTS), dense: false, subjects: [SUBJECTS] };
        for await (const { messages } of follow(this.nc, this.jsm, from, signal, () => this.gate.incarnationOf(FACTS)))
          for (const message of messages) {
            await this.take(message);
            after = message.seq;
            reached(after);
          }
      } catch {
        await pause(AGAIN_MS, signal); // Whoever reads the log itself says what is wrong with it.
      }
    }
  }

  private async take(message: RawMessage): Promise<void> {
    const said = saidIn(message);
    const stream = said === undefined ? undefined : STREAM_OF[said.stream];
    if (said === undefined || stream === undefined || this.has(stream, said.position)) return;
    const target = await spoken(() => this.jsm.streams.getMessage(said.stream, { seq: said.position }));
    if (target === null || target.subject.startsWith(UNVOIDABLE) || hashOf(bytesOf(target)) !== said.hash) return;
    this.voided.set(stream, (this.voided.get(stream) ?? new Set()).add(said.position));
    for (const listener of this.listeners) listener({ stream, position: said.position, subject: target.subject });
  }
}

function saidIn(message: RawMessage): Said | undefined {
  try {
    const { stream, position, hash: is } = message.json<Said>();
    return typeof stream === 'string' && Number.isSafeInteger(position) && typeof is === 'string'
      ? { stream, position, hash: is }
      : undefined;
  } catch {
    return undefined;
  }
}
