import { CommandHandler, type Commanded } from '@app/event-store';
import { type FactClass, type Instant, type Refusal, type Rule, type Source, type StoredEvent, isRefusal } from '@app/kernel';
import { stored } from '@app/kernel/testing';

/** Commands as the event store carries them out, kept in an array. */
export class MemoryLog extends CommandHandler {
  readonly facts: (StoredEvent & { readonly commandId: string | undefined })[] = [];
  /** What the next command throws, after it wrote its facts or before. */
  failure: { readonly error: Error; readonly written: boolean } | undefined;
  /** Whether whoever reads, reads a replica that has nothing yet. */
  isBehind = false;
  /** Those who follow what is stored. */
  readonly followers = new Set<(fact: StoredEvent) => void>();
  /** Called before each decision, as if another process were faster. */
  before: () => void = () => undefined;

  async handle<State, Data, E extends FactClass, Code extends string>(
    rule: Rule<State, Data, E, Code>,
    { data, actor, commandId }: Commanded<Data>,
  ): Promise<{ position: string } | Refusal<Code>> {
    const { failure, before } = this;
    this.failure = undefined;
    before();
    if (failure?.written === false) throw failure.error;
    const earlier = this.facts.findLast((fact) => fact.commandId !== undefined && fact.commandId === commandId);
    if (earlier !== undefined) return { position: `f${earlier.position}` };
    const decision = rule.decide(this.state(rule.on(data)), { data, actor, at: new Date().toISOString() as Instant });
    if (isRefusal(decision)) return decision;
    for (const event of decision) this.store({ ...stored(event, this.facts.length + 1), actor, commandId });
    if (failure !== undefined) throw failure.error;
    return { position: `f${this.facts.length}` };
  }

  async read<State>(source: Source<State>): Promise<State> {
    return this.isBehind ? source.fold(source.subjects.map(() => [])) : this.state(source);
  }

  private state<State>(source: Source<State>): State {
    return source.fold(source.subjects.map((subject) => this.facts.filter((fact) => fact.subject === subject)));
  }

  /** As if commands had written them. */
  add(...events: Parameters<typeof stored>[0][]): void {
    for (const event of events) this.store({ ...stored(event, this.facts.length + 1), commandId: undefined });
  }

  private store(fact: StoredEvent & { readonly commandId: string | undefined }): void {
    this.facts.push(fact);
    for (const follower of this.followers) follower(fact);
  }

  get types(): string[] {
    return this.facts.map(({ type }) => type);
  }
}
