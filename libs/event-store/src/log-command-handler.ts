import { randomUUID } from 'node:crypto';
import { type FactClass, type Instant, type Refusal, type Rule, type Source, isRefusal } from '@app/kernel';
import { CommandHandler, type Commanded } from './command-handler.js';
import { type Recorded, eventId } from './envelope.js';
import { AppendConflict, AppendRejected, LogUnavailable, OutcomeUnknown } from './errors.js';
import type { Appender } from './appender.js';
import type { Histories } from './histories.js';
import type { LogGate } from './log-gate.js';
import { FACTS } from './streams.js';

const ATTEMPTS = 3;

/** By subject, oldest first. */
type Facts = Map<string, Recorded[]>;

/** Reads from and appends to the log. A conflict is no news to the caller until it happened three times. */
export class LogCommandHandler extends CommandHandler {
  constructor(
    private readonly appender: Appender,
    private readonly histories: Histories,
    private readonly gate: LogGate,
    private readonly now: () => Instant = () => new Date().toISOString() as Instant,
  ) {
    super();
  }

  async handle<State, Data, E extends FactClass, Code extends string>(
    rule: Rule<State, Data, E, Code>,
    { data, actor, commandId = randomUUID(), causationId }: Commanded<Data>,
  ): Promise<{ position: string } | Refusal<Code>> {
    this.gate.assertNotClosed(FACTS); // Before it is decided on what may not be so.
    const source = rule.on(data);
    const facts = await this.load(source);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const earlier = lastStoredBy(commandId, facts);
      if (earlier !== undefined) return this.answer(earlier);
      const at = this.now();
      const decision = rule.decide(fold(source, facts), { data, at, actor });
      if (isRefusal(decision) || decision.length === 0) {
        if (await this.grew(facts)) continue; // What it was decided on is not how things stand.
        return isRefusal(decision) ? decision : this.answer(endOf(facts));
      }
      const expected = expectations(source, decision, facts);
      const context = { commandId, actor, at, ...(causationId === undefined ? {} : { causationId }) };
      const appended = await this.appender.append({ ...context, events: decision, expected });
      switch (appended.outcome) {
        case 'committed':
          return this.answer(appended.position);
        case 'unknown':
          throw new OutcomeUnknown(commandId);
        case 'rejected':
          throw new AppendRejected(appended.code, appended.detail);
        case 'conflict':
          await this.grew(facts);
      }
    }
    throw new AppendConflict(`others kept writing to ${source.subjects.join(', ')}`);
  }

  async read<State>(source: Source<State>): Promise<State> {
    try {
      const facts = await this.load(source);
      await this.grew(facts);
      return fold(source, facts);
    } catch (error) {
      if (error instanceof LogUnavailable) this.gate.assertNotClosed(FACTS); // That says more than that nobody answers.
      throw error;
    }
  }

  private answer(position: number): { position: string } {
    return { position: this.gate.token({ facts: position }) };
  }

  private async load({ subjects }: Source<unknown>): Promise<Facts> {
    return new Map(await Promise.all(subjects.map(async (subject) => [subject, await this.histories.of(subject)] as const)));
  }

  /** Adds to each history what the leader has beyond it; whether that was anything. */
  private async grew(facts: Facts): Promise<boolean> {
    const more = await Promise.all(
      [...facts].map(async ([subject, known]) => ({ known, later: await this.histories.atLeader(subject, headOf(known)) })),
    );
    for (const { known, later } of more) known.push(...later);
    return more.some(({ later }) => later.length > 0);
  }
}

const headOf = (facts: readonly Recorded[]): number => facts.at(-1)?.position ?? 0;
const endOf = (facts: Facts): number => Math.max(...[...facts.values()].map(headOf));
const fold = <State>({ subjects, fold }: Source<State>, facts: Facts): State => fold(subjects.map((subject) => facts.get(subject) ?? []));

/** Where the last fact is that an earlier attempt at the same command stored; undefined when none did. */
function lastStoredBy(commandId: string, facts: Facts): number | undefined {
  const all = [...facts.values()].flat();
  if (!all.some(({ id }) => id === eventId(commandId, 0))) return undefined;
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
