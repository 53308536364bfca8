import type { Asked, CommandKey, FactClass, Refusal, Decider, Source } from '@app/kernel';

/** A command as its endpoint has it: what is asked, by whom, and the key that makes asking twice the same as asking once. */
export interface Commanded<Data> extends Pick<Asked<Data>, 'data' | 'actor'>, Partial<CommandKey> {
  /** The event or request this came of, for the trace in the log. */
  readonly causationId?: string;
}

/** How a source is read. */
export interface ReadHow {
  /** Leaves out the facts that cannot be read, as the rules do that say so. */
  readonly passesUnreadable?: boolean;
  /** Throws `KeyReused` where the facts are those of this command for another request. For endpoints that change something before `handle`. */
  readonly repeats?: CommandKey;
}

/** Read, fold, decide, append: what every command endpoint calls. */
export abstract class CommandHandler {
  /**
   * Appends on the condition that nobody wrote to the rule's subjects since they were read; when somebody did, starts again
   * from reading, after a random pause, for five seconds at most, and then throws `AppendConflict`. Answers the token of the
   * last fact it wrote, or read when the decision was to write none. A command whose facts are already stored answers where they
   * are; when they were stored for another request, throws `KeyReused`.
   *
   * Throws `AggregateUnreadable` when a message of an aggregate cannot be read or applied, unless the rule passes over it, and
   * `UnknownEvent` when a newer release wrote one; `LogUnavailable` when the log did not answer, `OutcomeUnknown` when it could not be told whether the facts were stored.
   */
  abstract handle<State, Data, E extends FactClass, Code extends string>(
    decider: Decider<State, Data, E, Code>,
    command: Commanded<Data>,
  ): Promise<{ position: string } | Refusal<Code>>;

  /** What a rule would decide on, as the leader has it now. For what an endpoint must know before it can ask. Throws as `handle` does. */
  abstract read<State>(source: Source<State>, how?: ReadHow): Promise<State>;
}
