import { JetStreamApiError, type PubAck } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { NewEvent } from '@app/kernel';
import { LogUnavailable, type NoSpace } from './errors.js';
import { type Context, eventId, headersOf, sourceOf } from './envelope.js';
import type { AggregateReader } from './aggregate-reader.js';
import type { InstanceIdentity } from './identity.js';
import type { LogGate } from './log-gate.js';
import { BOUNDLESS, type LogSpace, OVERHEAD_BYTES } from './log-space.js';
import { pause } from './pause.js';
import { type BatchMessage, publishAtomic } from './publish-atomic.js';
import { areOfDifferentRequests } from './request-marks.js';
import { ID_IN_FLIGHT, isUnavailable, noLeader } from './unavailable.js';
import { FACTS } from './streams.js';

/** What one decision writes: all of it or nothing. */
export interface Append extends Context {
  /** 1 to 1000 facts. */
  readonly events: readonly NewEvent[];
  /** Of each subject among `events` the position of its last fact when the decision was made; 0: it had none. */
  readonly expected: ReadonlyMap<string, number>;
}

/** What became of an append. Only a bug throws, and `LogUnavailable` where this process had hung up before. */
export type Appended =
  /** `position` is that of the last fact. `duplicate`: an earlier attempt had stored it. */
  | { outcome: 'committed'; position: number; duplicate: boolean }
  /** Somebody wrote to `subject` since it was read; its last fact is now at `actual`. Nothing was stored. */
  | { outcome: 'conflict'; subject: string; actual: number }
  /** The command id belongs to another request, whose facts are stored. Nothing was stored. */
  | { outcome: 'key-reused' }
  /** The server refused for good, with its own code. Nothing was stored. */
  | { outcome: 'rejected'; code: number; detail: string }
  /** The log has no room for this. Nothing was stored. */
  | { outcome: 'full'; space: NoSpace }
  /** No answer could be had within `resolveMs`. The same append may be sent again as it is: it is stored once at most. */
  | { outcome: 'unknown'; commandId: string };

export interface Limits {
  /** One attempt waits so long for its acknowledgement, which comes after an fsync. */
  readonly ackMs: number;
  /** So long an append that got no answer is looked for and sent again before its outcome is called unknown. */
  readonly resolveMs: number;
}
const LIMITS: Limits = { ackMs: 3_000, resolveMs: 10_000 };
const RETRY_MS = 100;

type Space = Pick<LogSpace, 'lacking' | 'diskFull' | 'onDiskFull' | 'wrote'>;

const WRONG_LAST_SEQUENCE = 10071;
/** On a cluster: another append to the same subject is on its way through the group. */
const SUBJECT_IN_FLIGHT = 10164;
/** Of a batch: an id in it was stored not long ago. A single message is answered `duplicate` instead. */
const DUPLICATE_IN_BATCH = 10201;
/** The connection broke in the middle of a batch: the server has its end and not its beginning, and stored nothing. */
const BATCH_INCOMPLETE = 10176;
const LOOK = new Set([WRONG_LAST_SEQUENCE, SUBJECT_IN_FLIGHT, ID_IN_FLIGHT, DUPLICATE_IN_BATCH, BATCH_INCOMPLETE]);

type Attempt = PubAck | 'unclear' | { code: number; detail: string };

/** Writes facts, each append with an exact expectation. */
export class Appender {
  private readonly source: string;

  constructor(
    private readonly nc: NatsConnection,
    private readonly aggregates: AggregateReader,
    identity: InstanceIdentity,
    private readonly gate: LogGate,
    private readonly limits: Limits = LIMITS,
    private readonly space: Space = BOUNDLESS,
  ) {
    this.source = sourceOf(identity);
  }

  /**
   * An append is `sent` until something is known of it:
   *
   *   sent -- acknowledged ----------------------------------------------> committed
   *   sent -- the server says the expectation is wrong ------------------> looked up
   *   sent -- the server says no otherwise ------------------------------> rejected
   *   sent -- no answer: the server died, or the network ----------------> looked up
   *   looked up -- one of our ids is on the subject ---------------------> committed, duplicate; key-reused, when its mark is of
   *                                                                        another request
   *   looked up -- another id came after what we expect -----------------> conflict
   *   looked up -- the subject is as we expect: it was not stored -------> sent again, same ids, same expectation; full,
   *                                                                        when the disk of NATS is
   *   looked up -- the leader does not answer ---------------------------> looked up again
   *   resolveMs are over, this process hung up, or the gate closed ------> unknown
   *
   * Before the first attempt, and in the middle of one, a full disk ends the waiting: what the server could not store it drops without
   * a word. Sending again cannot store twice: had the silent attempt been stored after the look, the same expectation is wrong now.
   *
   * Each attempt waits until the stream was found to be the one that was written to before; see `LogGate`. Throws what that throws
   * before the first.
   */
  async append(append: Append): Promise<Appended> {
    this.gate.assertNotClosed(FACTS); // Before the stream is asked how full it is: it may not be there.
    if (this.hungUp) throw new LogUnavailable('this process ends, and has hung up on the event log');
    const lacking = await this.space.lacking(append.events.map(({ type }) => type));
    if (lacking !== undefined) return { outcome: 'full', space: lacking };
    const deadline = performance.now() + this.limits.resolveMs;
    for (let attempts = 0; ; attempts++) {
      if (!(await this.mayWrite(attempts))) return { outcome: 'unknown', commandId: append.commandId };
      const seen = this.gate.seenOf(FACTS);
      const attempt = await this.attempt(append);
      if (typeof attempt === 'object' && 'seq' in attempt) {
        if (!this.isAfter(attempt, seen)) return { outcome: 'unknown', commandId: append.commandId };
        return attempt.duplicate === true ? this.duplicate(append, attempt.seq) : committed(attempt.seq);
      }
      if (typeof attempt === 'object') return { outcome: 'rejected', ...attempt };
      const found = await this.lookUp(append, deadline);
      if (found !== 'nothing') return found;
      const full = this.space.diskFull();
      if (full !== undefined) return { outcome: 'full', space: full };
    }
  }

  /** Throws as `LogGate.pass` does before the first attempt. After it a closed gate says nothing of what was sent: false. */
  private async mayWrite(attempts: number): Promise<boolean> {
    try {
      await this.gate.pass(FACTS);
      return true;
    } catch (error) {
      if (attempts === 0) throw error;
      return false;
    }
  }

  /** A new message comes after all that were seen before it was sent, or the stream has lost some of those. */
  private isAfter({ seq, duplicate }: PubAck, seen: number): boolean {
    this.gate.note(FACTS, seq);
    if (seq > seen || duplicate === true) return true;
    this.gate.trip({ stream: FACTS, code: 'log.rewound', detail: `${FACTS} ends at ${seq}, and was seen up to ${seen}`, end: seq });
    return false;
  }

  /** The server knows our id, on whichever subject: from this request, or from another with the same key. */
  private async duplicate({ commandId, requestMark }: Append, position: number): Promise<Appended> {
    if (requestMark === undefined) return committed(position, true);
    try {
      const stored = await this.aggregates.at(position);
      return areOfDifferentRequests(stored?.requestMark, requestMark) ? { outcome: 'key-reused' } : committed(position, true);
    } catch (error) {
      if (isUnavailable(error)) return { outcome: 'unknown', commandId };
      throw error;
    }
  }

  private get hungUp(): boolean {
    return this.nc.isClosed() || this.nc.isDraining();
  }

  private async attempt(append: Append): Promise<Attempt> {
    const messages = this.messagesOf(append);
    const full = Promise.withResolvers<undefined>();
    const forget = this.space.onDiskFull(() => full.resolve(undefined));
    try {
      const sent = publishAtomic(this.nc, messages, this.limits.ackMs);
      const ack = await Promise.race([sent, full.promise]);
      if (ack === undefined) {
        sent.catch(() => undefined); // Its acknowledgement is not coming.
        return 'unclear';
      }
      this.space.wrote(messages.reduce((sum, { subject, data }) => sum + subject.length + data.length + OVERHEAD_BYTES, 0));
      return ack;
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) {
        if (isUnavailable(error)) return 'unclear';
        throw error;
      }
      return LOOK.has(error.code) || noLeader(error) ? 'unclear' : { code: error.code, detail: error.message };
    } finally {
      forget();
    }
  }

  private messagesOf(append: Append): BatchMessage[] {
    const guarded = new Set<string>();
    return append.events.map((event, i) => {
      const headers = headersOf(event, eventId(append.commandId, i), this.source, append);
      if (!guarded.has(event.subject)) {
        guarded.add(event.subject);
        const expected = append.expected.get(event.subject);
        if (expected === undefined) throw new RangeError(`no expectation for ${event.subject}`);
        headers.set('Nats-Expected-Last-Subject-Sequence', String(expected));
      }
      return { subject: event.subject, headers, data: JSON.stringify(event.data) };
    });
  }

  /** What the leader knows of an append: its outcome, or that there is none; `unknown` when the deadline passed. */
  private async lookUp(append: Append, deadline: number): Promise<Appended | 'nothing'> {
    while (performance.now() < deadline && !this.hungUp) {
      const outcome = await this.outcomeOf(append).catch((error: unknown) => {
        if (isUnavailable(error)) return 'silence' as const;
        throw error;
      });
      if (outcome !== 'silence' && outcome !== 'nothing') return outcome;
      await pause(RETRY_MS * (0.5 + Math.random()));
      if (outcome === 'nothing') return outcome;
    }
    return { outcome: 'unknown', commandId: append.commandId };
  }

  private async outcomeOf(append: Append): Promise<Appended | 'nothing'> {
    const { commandId, events, expected, requestMark } = append;
    const ids = events.map((_, i) => eventId(commandId, i));
    for (const [subject, from] of expected) {
      const later = await this.aggregates.atLeader(subject, from);
      const ours = later.find(({ id }) => ids.includes(id));
      if (ours !== undefined)
        return areOfDifferentRequests(ours.requestMark, requestMark)
          ? { outcome: 'key-reused' }
          : committed(await this.lastOf(events, ids, expected), true);
      const actual = later.at(-1)?.position ?? (await this.aggregates.endAtLeader(subject));
      // Something was stored between the two questions, and it may be this very append.
      if (later.length === 0 && actual > from) return this.outcomeOf(append);
      if (actual !== from) return { outcome: 'conflict', subject, actual };
    }
    return 'nothing';
  }

  /** Where the last of stored facts is; it stands on its own subject, which need not be the one found first. */
  private async lastOf(events: readonly NewEvent[], ids: readonly string[], expected: ReadonlyMap<string, number>): Promise<number> {
    const subject = events.at(-1)?.subject ?? '';
    const fact = (await this.aggregates.atLeader(subject, expected.get(subject) ?? 0)).find(({ id }) => id === ids.at(-1));
    if (fact === undefined) throw new Error(`${subject}: part of a batch is stored and its end is not`);
    return fact.position;
  }
}

const committed = (position: number, duplicate = false): Appended => ({ outcome: 'committed', position, duplicate });
