import { CommandHandler, type Commanded } from '@app/event-store';
import { type FactClass, type Refusal, type Rule, type Source, type StoredEvent, isRefusal } from '@app/kernel';
import { stored } from '@app/kernel/testing';

/** Commands as the event store carries them out, kept in an array. `failure`, while set, is what it throws instead. */
export class MemoryLog extends CommandHandler {
  readonly facts: (StoredEvent & { commandId?: string | undefined })[] = [];
  failure: Error | undefined;

  async handle<State, Data, E extends FactClass, Code extends string>(
    rule: Rule<State, Data, E, Code>,
    { data, actor, commandId }: Commanded<Data>,
  ): Promise<{ position: string } | Refusal<Code>> {
    if (this.failure !== undefined) throw this.failure;
    const source = rule.on(data);
    const earlier = this.facts.find((fact) => fact.commandId !== undefined && fact.commandId === commandId);
    if (earlier !== undefined) return { position: `f${earlier.position}` };
    const decision = rule.decide(await this.read(source), { data, actor, at: new Date().toISOString() as StoredEvent['at'] });
    if (isRefusal(decision)) return decision;
    for (const event of decision) this.facts.push({ ...stored(event, this.facts.length + 1), actor, commandId });
    return { position: `f${this.facts.length}` };
  }

  async read<State>(source: Source<State>): Promise<State> {
    return source.fold(source.subjects.map((subject) => this.facts.filter((fact) => fact.subject === subject)));
  }
}
