import { CommandHandler, type Commanded, FactFeed, LogUnavailable, type Recorded, Telemetry } from '@app/event-store';
import { type FactClass, type Instant, type NewEvent, type Refusal, type Rule, type Source, isRefusal } from '@app/kernel';
import { stored } from '@app/kernel/testing';

/** A log in an array: commands as the event store carries them out, a feed a moment behind, and telemetry. */
export class MemoryLog extends CommandHandler {
  readonly facts: Recorded[] = [];
  readonly telemetry: NewEvent[] = [];
  private readonly bySubject = new Map<string, Recorded[]>();
  private readonly byCommand = new Map<string, number>();
  private readonly listeners = new Set<(fact: Recorded) => void>();
  /** Whether it does not answer. */
  isDown = false;
  /** What each command waits for, as for a log that takes its time. */
  delay: Promise<void> = Promise.resolve();
  /** Where the feed leaves what it has not told yet, in its order; null: it tells at once. */
  untold: (() => void)[] | null = null;
  /** How many commands it was sent, while it was down too. */
  asked = 0;
  /** Whether telemetry is not taken. */
  isTelemetryDown = false;
  /** What time it is in the log. */
  now: () => Instant = () => new Date().toISOString() as Instant;

  async handle<State, Data, E extends FactClass, Code extends string>(
    rule: Rule<State, Data, E, Code>,
    { data, actor, commandId }: Commanded<Data>,
  ): Promise<{ position: string } | Refusal<Code>> {
    this.asked++;
    if (this.isDown) throw new LogUnavailable('the event log does not answer');
    await this.delay;
    const earlier = this.byCommand.get(commandId ?? '');
    if (earlier !== undefined) return { position: `f${earlier}` };
    const decision = rule.decide(this.state(rule.on(data)), { data, actor, at: this.now() });
    if (isRefusal(decision)) return decision;
    for (const event of decision) this.append(event, actor, commandId);
    return { position: `f${this.facts.length}` };
  }

  async read<State>(source: Source<State>): Promise<State> {
    if (this.isDown) throw new LogUnavailable('the event log does not answer');
    return this.state(source);
  }

  /** As if commands had written them. */
  add(...events: NewEvent[]): void {
    for (const event of events) this.append(event, 'test', undefined);
  }

  get types(): string[] {
    return this.facts.map(({ type }) => type);
  }

  /** What facts of one type say, in their order. */
  of<Data>(type: string, agentId?: string): Data[] {
    const subject = `facts.${type.slice(0, type.lastIndexOf('.'))}.${agentId}`;
    const facts = agentId === undefined ? this.facts : (this.bySubject.get(subject) ?? []);
    return facts.filter((fact) => fact.type === type).map(({ data }) => data as Data);
  }

  readonly feed: FactFeed = {
    watch: async (kinds, hear, signal) => {
      const isWanted = ({ subject }: Recorded): boolean => kinds.some((kind) => subject.startsWith(`facts.${kind}.`));
      const listener = (fact: Recorded): void => void (isWanted(fact) && hear(fact));
      for (const fact of this.facts) listener(fact);
      this.listeners.add(listener);
      signal.addEventListener('abort', () => this.listeners.delete(listener));
    },
  };

  readonly keeper: Telemetry = {
    keep: async (event) => {
      if (this.isTelemetryDown) throw new Error('no answer');
      return `t${this.telemetry.push(event)}`;
    },
  };

  private append(event: NewEvent, actor: string, commandId: string | undefined): void {
    const fact = { ...stored(event, this.facts.length + 1, this.now()), actor, correlation_id: '', causation_id: '' };
    this.facts.push(fact);
    const history = this.bySubject.get(fact.subject);
    if (history === undefined) this.bySubject.set(fact.subject, [fact]);
    else history.push(fact);
    if (commandId !== undefined) this.byCommand.set(commandId, fact.position);
    const tell = (): void => this.listeners.forEach((hear) => hear(fact));
    if (this.untold === null) setImmediate(tell);
    else this.untold.push(tell);
  }

  private state<State>(source: Source<State>): State {
    return source.fold(source.subjects.map((subject) => this.bySubject.get(subject) ?? []));
  }
}
