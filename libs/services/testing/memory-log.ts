import { setImmediate } from 'node:timers/promises';
import { CommandHandler, type Commanded, Telemetry } from '@app/event-store';
import { type FactClass, type NewEvent, type Refusal, type Rule, type Source, type StoredEvent, isRefusal } from '@app/kernel';
import { stored } from '@app/kernel/testing';
import { KnownComponents } from '../src/probing/ports.js';

/** Commands as the event store carries them out, kept in an array. While `isDown` it throws; `lostAnswers` next ones are stored and throw. */
export class MemoryLog extends CommandHandler {
  readonly facts: (StoredEvent & { commandId?: string | undefined })[] = [];
  isDown = false;
  lostAnswers = 0;
  isSlow = false;

  async handle<State, Data, E extends FactClass, Code extends string>(
    rule: Rule<State, Data, E, Code>,
    { data, actor, commandId }: Commanded<Data>,
  ): Promise<{ position: string } | Refusal<Code>> {
    if (this.isSlow) await setImmediate(); // Others go on meanwhile.
    const earlier = this.facts.find((fact) => fact.commandId !== undefined && fact.commandId === commandId);
    if (earlier !== undefined) return { position: `f${earlier.position}` };
    const decision = rule.decide(await this.read(rule.on(data)), { data, actor, at: '2026-02-01T12:00:00.000Z' });
    if (isRefusal(decision)) return decision;
    for (const event of decision) this.facts.push({ ...stored(event, this.facts.length + 1), actor, commandId });
    if (this.lostAnswers-- > 0) throw new Error('the answer was lost');
    return { position: `f${this.facts.length}` };
  }

  async read<State>(source: Source<State>): Promise<State> {
    if (this.isDown) throw new Error('the log does not answer');
    return source.fold(source.subjects.map((subject) => this.facts.filter((fact) => fact.subject === subject)));
  }
}

/** Keeps probes in an array. While `isDown` it throws. */
export class MemoryTelemetry extends Telemetry {
  readonly kept: NewEvent[] = [];
  attempts = 0;
  isDown = false;

  async keep(event: NewEvent): Promise<string> {
    this.attempts++;
    if (this.isDown) throw new Error('the log does not answer');
    return `t${this.kept.push(event)}`;
  }
}

/** Reads from the same facts. */
export class MemoryComponents extends KnownComponents {
  constructor(private readonly log: MemoryLog) {
    super();
  }

  async ids(): Promise<string[]> {
    if (this.log.isDown) throw new Error('the log does not answer');
    return [...new Set(this.log.facts.map(({ subject }) => subject.slice(subject.lastIndexOf('.') + 1)))];
  }
}
