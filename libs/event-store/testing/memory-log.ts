import { randomUUID } from 'node:crypto';
import {
  type CallLog,
  CommandHandler,
  type Commanded,
  type Context,
  type Decoded,
  ReadableAggregates,
  type EventStore,
  KeyReused,
  type EventSubscription,
  LogUnavailable,
  type NonceStore,
  type ReadHow,
  type Recorded,
  type Telemetry,
  eventId,
  folded,
} from '@app/event-store';
import {
  type CommandKey,
  type EventClass,
  type FactClass,
  type Instant,
  type NewEvent,
  type Refusal,
  type Decider,
  type Source,
  type Stream,
  isRefusal,
  readEvent,
} from '@app/kernel';

/** What a context is given of an event store. */
export type Ports = Pick<EventStore, 'commands' | 'subscription' | 'telemetry' | 'calls' | 'nonces' | 'idsOf'>;

/**
 * The event log in arrays, for tests of what stands on its ports. `describePorts` holds it to what they promise; it forgets nothing,
 * and nobody ever comes between reading and writing. Its feed is a moment behind what commands write.
 */
export class MemoryLog extends CommandHandler implements Ports {
  /** As they were written. Who decides or follows reads them in today's shape. */
  readonly facts: Recorded[] = [];
  readonly records: Recorded[] = [];
  readonly measurements: Recorded[] = [];
  /** Every key that was asked for. */
  readonly keys = new Set<string>();
  /** Whether it does not answer. */
  isDown = false;
  /** Whether the feed tells only what `tell` says. */
  isHeldBack = false;
  /** Comes before everything that a command does, when it is down too: to wait, to throw, to be faster, to count. */
  before: () => void | Promise<void> = () => undefined;
  /** Comes between writing and answering: an answer is lost where this throws. */
  after: () => void | Promise<void> = () => undefined;
  /** The types of facts that only a newer release knows. */
  readonly unknown = new Set<string>();
  /** The positions of facts that no release can read. */
  readonly unreadable = new Set<number>();
  /** Of commands that wrote facts, by id. Emptied, the facts are as an earlier release wrote them. */
  readonly requests = new Map<string, string>();
  now: () => Instant = () => new Date().toISOString() as Instant;

  readonly commands: CommandHandler = this;
  private readonly today: ReadonlyMap<string, EventClass>;
  private readonly bySubject = new Map<string, Recorded[]>();
  private readonly endOfCommand = new Map<string, number>();
  private readonly endOfCall = new Map<string, number>();
  private readonly readers = new Set<(count: number) => void>();
  private readonly voided = new Set<number>();
  private readonly onVoid = new Set<(subject: string) => void>();
  private readonly losers = new Set<(error: Error) => void>();

  /** `events`: those of which it holds other versions than today's. */
  constructor(events: readonly EventClass[] = []) {
    super();
    this.today = new Map(events.map((event) => [event.type, event]));
  }

  async handle<State, Data, E extends FactClass, Code extends string>(
    decider: Decider<State, Data, E, Code>,
    { data, actor, commandId = randomUUID(), request, causationId }: Commanded<Data>,
  ): Promise<{ position: string } | Refusal<Code>> {
    await this.before();
    this.assertUp();
    const earlier = this.endOfCommand.get(commandId);
    this.assertSameRequest({ commandId, ...(request === undefined ? {} : { request }) });
    if (earlier !== undefined) return { position: `f${earlier}` };
    const source = decider.on(data);
    const at = this.now();
    const { state, trouble } = this.folded(source, decider.passesUnreadable ?? false);
    const decision = decider.decide(state, { data, actor, at });
    if (isRefusal(decision) && trouble !== undefined) throw trouble;
    if (isRefusal(decision)) return decision;
    if (decision.length > 0) assertGuarded(source, decision);
    this.append(decision, { commandId, actor, at, ...(causationId === undefined ? {} : { causationId }) });
    if (decision.length > 0 && request !== undefined) this.requests.set(commandId, request);
    const position = `f${this.endOfCommand.get(commandId) ?? this.endOf(source)}`;
    setImmediate(() => this.consume());
    await this.after();
    return { position };
  }

  async read<State>(source: Source<State>, { passesUnreadable = false, repeats }: ReadHow = {}): Promise<State> {
    this.assertUp();
    if (repeats !== undefined) this.assertSameRequest(repeats);
    return this.folded(source, passesUnreadable).state;
  }

  readonly subscription: EventSubscription = {
    watch: async (kinds, reader, signal, lost) => {
      this.assertUp();
      if (signal.aborted) return;
      const aggregates = new ReadableAggregates(reader);
      const tell = (fact: Recorded): void =>
        aggregates.tell({ subject: fact.subject, position: fact.position, decoded: this.decoded(fact) });
      const isWanted = ({ subject }: Recorded): boolean => kinds.some((kind) => subject.startsWith(`facts.${kind}.`));
      const last = this.facts.findLastIndex(isWanted);
      const caughtUp = Promise.withResolvers<void>();
      let next = 0;
      const read = (count: number): void => {
        for (const end = Math.min(next + count, this.facts.length); next < end && this.readers.has(read);) {
          const fact = this.facts[next++] as Recorded;
          if (isWanted(fact)) tell(fact);
        }
        if (next > last) caughtUp.resolve();
      };
      const again = (subject: string): void => {
        if (!aggregates.has(subject)) return;
        aggregates.clear(subject);
        for (const fact of this.facts.slice(0, next)) if (fact.subject === subject) tell(fact);
      };
      this.onVoid.add(again);
      const lose = (error: Error): void => {
        this.readers.delete(read);
        caughtUp.reject(error);
        lost(error);
      };
      this.losers.add(lose);
      signal.addEventListener('abort', () => {
        for (const all of [this.readers, this.onVoid, this.losers] as Set<unknown>[])
          for (const one of [read, again, lose]) all.delete(one);
        caughtUp.resolve();
      });
      this.readers.add(read);
      read(this.isHeldBack ? 0 : Infinity);
      return caughtUp.promise;
    },
  };

  readonly telemetry: Telemetry = {
    keep: async (event, actor) => {
      this.assertUp();
      return `t${this.keep(this.measurements, event, randomUUID(), { commandId: randomUUID(), actor, at: this.now() }).position}`;
    },
  };

  readonly calls: CallLog = {
    filled: null,
    record: async (event, { actor, id }) => {
      this.assertUp();
      const position = this.endOfCall.get(id) ?? this.keep(this.records, event, id, { commandId: id, actor, at: this.now() }).position;
      this.endOfCall.set(id, position);
      return `c${position}`;
    },
  };

  readonly nonces: NonceStore = {
    first: async (key) => {
      this.assertUp();
      return this.keys.size !== this.keys.add(key).size;
    },
  };

  async idsOf(kind: string): Promise<string[]> {
    this.assertUp();
    const prefix = `facts.${kind}.`;
    return [...this.bySubject.keys()].filter((subject) => subject.startsWith(prefix)).map((subject) => subject.slice(prefix.length));
  }

  /** As if commands had written them, each on its own; who follows has heard of them. */
  add(...events: NewEvent[]): void {
    for (const event of events) this.append([event], { commandId: randomUUID(), actor: 'test', at: this.now() });
    this.consume();
  }

  /** Tells each who follows the next `count` facts, or all there are. */
  tell(count = Infinity): void {
    for (const read of this.readers) read(count);
  }

  get types(): string[] {
    return this.facts.map(({ type }) => type);
  }

  /** What facts of one type say, of all things or of one, in their order. */
  of<Data>(type: string, id?: string): Data[] {
    const facts = id === undefined ? this.facts : (this.bySubject.get(`facts.${type.slice(0, type.lastIndexOf('.'))}.${id}`) ?? []);
    return facts.filter((fact) => fact.type === type).map(({ data }) => data as Data);
  }

  private append(events: readonly NewEvent[], context: Context): void {
    for (const [i, event] of events.entries()) {
      const fact = this.keep(this.facts, event, eventId(context.commandId, i), context);
      const history = this.bySubject.get(fact.subject);
      if (history === undefined) this.bySubject.set(fact.subject, [fact]);
      else history.push(fact);
      this.endOfCommand.set(context.commandId, fact.position);
    }
  }

  /** Its data as JSON has them. */
  private keep(kept: Recorded[], event: NewEvent, id: string, { commandId, actor, at, causationId = commandId }: Context): Recorded {
    const data = JSON.parse(JSON.stringify(event.data)) as unknown;
    const stream = event.subject.slice(0, event.subject.indexOf('.')) as Stream;
    const about = { id, at, stream, position: kept.length + 1, actor, correlation_id: commandId, causation_id: causationId };
    const stored: Recorded = { ...event, data, ...about };
    kept.push(stored);
    return stored;
  }

  private consume(): void {
    if (!this.isHeldBack) this.tell();
  }

  /** Nobody who follows hears anything more: the log was replaced under them. */
  lose(words = 'the log is another one'): void {
    for (const lose of this.losers) lose(new Error(words));
    this.losers.clear();
  }

  /** Every reader treats the fact at this position as absent. */
  void(position: number): void {
    this.voided.add(position);
    const fact = this.facts[position - 1];
    if (fact !== undefined) for (const again of this.onVoid) again(fact.subject);
  }

  private decoded(fact: Recorded): Decoded {
    if (this.voided.has(fact.position)) return { is: 'voided' };
    if (this.unreadable.has(fact.position)) return { is: 'unreadable', code: 'decode.malformed-json', detail: 'Its body is not JSON.' };
    if (this.unknown.has(fact.type)) return { is: 'newer', type: fact.type, version: fact.version, release: '9.9.9' };
    return { is: 'event', event: this.lifted(fact) };
  }

  private folded<State>(source: Source<State>, passes: boolean): ReturnType<typeof folded<State>> {
    const entries = (subject: string) =>
      (this.bySubject.get(subject) ?? []).map((fact) => ({ ...entryOf(fact), decoded: this.decoded(fact) }));
    return folded(source, new Map(source.subjects.map((subject) => [subject, entries(subject)])), passes);
  }

  private lifted(fact: Recorded): Recorded {
    const event = this.today.get(fact.type);
    if (event === undefined || event.version === fact.version) return fact;
    return { ...fact, version: event.version, data: readEvent(event, fact.version, fact.data as object) };
  }

  private endOf({ subjects }: Source<unknown>): number {
    return Math.max(...subjects.map((subject) => this.bySubject.get(subject)?.at(-1)?.position ?? 0));
  }

  private assertSameRequest({ commandId, request }: CommandKey): void {
    const earlier = this.requests.get(commandId);
    if (earlier !== undefined && request !== undefined && earlier !== request) throw new KeyReused();
  }

  private assertUp(): void {
    if (this.isDown) throw new LogUnavailable('the event log does not answer');
  }
}

const entryOf = ({ position, id }: Recorded) => ({ position, id, requestMark: '' });

function assertGuarded({ subjects }: Source<unknown>, events: readonly NewEvent[]): void {
  const written = new Set(events.map(({ subject }) => subject));
  const wrong = [...subjects.filter((subject) => !written.has(subject)), ...[...written].filter((subject) => !subjects.includes(subject))];
  if (wrong.length > 0) throw new Error(`a rule must read what it writes and write what it reads: ${wrong.join(', ')}`);
}
