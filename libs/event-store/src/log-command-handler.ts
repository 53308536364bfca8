import { randomUUID } from 'node:crypto';
import { type CommandKey, type FactClass, type Instant, type Refusal, type Decider, type Source, backoffMs, isRefusal } from '@app/kernel';
import { CommandHandler, type Commanded, type ReadHow } from './command-handler.js';
import { eventId } from './envelope.js';
import { AppendConflict, AppendRejected, KeyReused, LogFull, LogUnavailable, OutcomeUnknown } from './errors.js';
import type { Appender } from './appender.js';
import { type Facts, folded, headOf } from './folded.js';
import type { Entry, AggregateReader } from './aggregate-reader.js';
import type { LogGate } from './log-gate.js';
import { pause } from './pause.js';
import { type RequestMarks, areOfDifferentRequests } from './request-marks.js';
import { FACTS } from './streams.js';

/** Limits of a command whose aggregate others keep writing to. */
export interface ConflictLimits {
  /** A conflict is decided again until the command is this old, ms: well before an HTTP client gives up. */
  readonly retryMs: number;
  /** Upper bound of the random pause after the first conflict, ms. It doubles with each conflict, up to `longestPauseMs`. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}
const CONFLICT_LIMITS: ConflictLimits = { retryMs: 5_000, firstPauseMs: 10, longestPauseMs: 320 };

/** Reads from and appends to the log. The caller learns of a conflict only when `retryMs` are over. */
export class LogCommandHandler extends CommandHandler {
  constructor(
    private readonly appender: Appender,
    private readonly aggregates: AggregateReader,
    private readonly gate: LogGate,
    private readonly now: () => Instant = () => new Date().toISOString() as Instant,
    private readonly limits: ConflictLimits = CONFLICT_LIMITS,
    /** Absent: an id is compared, and the request that came with it is not. */
    private readonly marks?: RequestMarks,
  ) {
    super();
  }

  /** Over the same log, for commands of requests with an Idempotency-Key. */
  marking(marks: RequestMarks): LogCommandHandler {
    return new LogCommandHandler(this.appender, this.aggregates, this.gate, this.now, this.limits, marks);
  }

  async handle<State, Data, E extends FactClass, Code extends string>(
    decider: Decider<State, Data, E, Code>,
    { data, actor, commandId = randomUUID(), request, causationId }: Commanded<Data>,
  ): Promise<{ position: string } | Refusal<Code>> {
    this.gate.assertNotClosed(FACTS); // Before it is decided on what may not be so.
    const source = decider.on(data);
    const key = { commandId, ...(request === undefined ? {} : { request }) };
    const requestMark = this.marks?.of(key);
    const deadline = performance.now() + this.limits.retryMs;
    const facts = await this.load(source);
    for (let conflicts = 0, first = true; first || performance.now() < deadline; first = false) {
      if (this.isStoredIn(facts, key)) {
        await this.grew(facts); // One subject may have come from a replica that had the batch, and another from one that had not.
        return this.answer(lastStoredBy(commandId, facts));
      }
      const at = this.now();
      const { state, trouble } = folded(source, facts, decider.passesUnreadable ?? false);
      const decision = decider.decide(state, { data, at, actor });
      if (isRefusal(decision) || decision.length === 0) {
        if (await this.grew(facts)) continue; // What it was decided on is not how things stand.
        if (isRefusal(decision) && trouble !== undefined) throw trouble; // The refusal may rest on what could not be read.
        return isRefusal(decision) ? decision : this.answer(endOf(facts));
      }
      const expected = expectations(source, decision, facts);
      const context = {
        ...{ commandId, actor, at },
        ...(causationId === undefined ? {} : { causationId }),
        ...(requestMark === undefined ? {} : { requestMark }),
      };
      const appended = await this.appender.append({ ...context, events: decision, expected });
      switch (appended.outcome) {
        case 'committed':
          return this.answer(appended.position);
        case 'full':
          throw new LogFull(appended.space);
        case 'key-reused':
          throw new KeyReused();
        case 'unknown':
          throw new OutcomeUnknown(commandId);
        case 'rejected':
          throw new AppendRejected(appended.code, appended.detail);
        case 'conflict':
          await this.pauseAfter(++conflicts, deadline);
          await this.grew(facts);
      }
    }
    throw new AppendConflict(`others kept writing to ${source.subjects.join(', ')}`);
  }

  /** Full jitter: writers that collided once must not meet again at the same moment. */
  private async pauseAfter(conflicts: number, deadline: number): Promise<void> {
    const { firstPauseMs, longestPauseMs } = this.limits;
    const boundMs = Math.min(
      backoffMs(conflicts, { firstMs: firstPauseMs, longestMs: longestPauseMs }),
      Math.max(0, deadline - performance.now()),
    );
    await pause(Math.random() * boundMs);
  }

  async read<State>(source: Source<State>, { passesUnreadable = false, repeats }: ReadHow = {}): Promise<State> {
    try {
      const facts = await this.load(source);
      await this.grew(facts);
      if (repeats !== undefined) this.isStoredIn(facts, repeats);
      return folded(source, facts, passesUnreadable).state;
    } catch (error) {
      if (error instanceof LogUnavailable) this.gate.assertNotClosed(FACTS); // That says more than that nobody answers.
      throw error;
    }
  }

  /** Whether an earlier attempt at the same command stored its facts. Throws `KeyReused` when another request did. */
  private isStoredIn(facts: Facts, key: CommandKey): boolean {
    const first = eventId(key.commandId, 0);
    const stored: Entry | undefined = [...facts.values()].flat().find(({ id }) => id === first);
    if (areOfDifferentRequests(stored?.requestMark, this.marks?.of(key))) throw new KeyReused();
    return stored !== undefined;
  }

  private answer(position: number): { position: string } {
    return { position: this.gate.token({ facts: position }) };
  }

  private async load({ subjects }: Source<unknown>): Promise<Facts> {
    return new Map(await Promise.all(subjects.map(async (subject) => [subject, await this.aggregates.of(subject)] as const)));
  }

  /** Adds to each history what the leader has beyond it; whether that was anything. */
  private async grew(facts: Facts): Promise<boolean> {
    const more = await Promise.all(
      [...facts].map(async ([subject, known]) => ({ known, later: await this.aggregates.atLeader(subject, headOf(known)) })),
    );
    for (const { known, later } of more) known.push(...later);
    return more.some(({ later }) => later.length > 0);
  }
}

const endOf = (facts: Facts): number => Math.max(...[...facts.values()].map(headOf));

/** Position of the last fact that a stored command wrote. */
function lastStoredBy(commandId: string, facts: Facts): number {
  const all = [...facts.values()].flat();
  const ids = new Set(all.map((_, i) => eventId(commandId, i)));
  return Math.max(...all.filter(({ id }) => ids.has(id)).map(({ position }) => position));
}

/**
 * What is decided on is guarded by what is written to it: a subject that was read and not written has no expectation, and could
 * change unseen. So a rule that writes, writes to each thing it decides on.
 */
function expectations(source: Source<unknown>, events: readonly { subject: string }[], facts: Facts): Map<string, number> {
  const written = new Set(events.map(({ subject }) => subject));
  const unguarded = source.subjects.filter((subject) => !written.has(subject));
  const unread = [...written].filter((subject) => !facts.has(subject));
  if (unguarded.length + unread.length > 0)
    throw new Error(`a rule must read what it writes and write what it reads: ${[...unguarded, ...unread].join(', ')}`);
  return new Map([...facts].map(([subject, known]) => [subject, headOf(known)]));
}
