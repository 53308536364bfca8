import type { Asked, FactClass, Refusal, Rule, Source } from '@app/kernel';

/** A command as its door has it: what is asked, by whom, and the id that makes asking twice the same as asking once. */
export interface Commanded<Data> extends Pick<Asked<Data>, 'data' | 'actor'> {
  /** A UUID. Absent: a new one, so the command is not safe to repeat. */
  readonly commandId?: string;
  /** The event or request this came of, for the trace in the log. */
  readonly causationId?: string;
}

/** Read, fold, decide, append: what every command endpoint calls. */
export abstract class CommandHandler {
  /**
   * Appends on the condition that nobody wrote to the rule's subjects since they were read; when somebody did, starts again
   * from reading, after a random pause, for five seconds at most, and then throws `AppendConflict`. Answers the token of the
   * last fact it wrote, or read when the decision was to write none. A command whose facts are already stored answers where they
   * are.
   *
   * Throws `LogUnavailable` when the log did not answer, `OutcomeUnknown` when it could not be told whether the facts were stored.
   */
  abstract handle<State, Data, E extends FactClass, Code extends string>(
    rule: Rule<State, Data, E, Code>,
    command: Commanded<Data>,
  ): Promise<{ position: string } | Refusal<Code>>;

  /** What a rule would decide on, as the leader has it now. For what a door must know before it can ask. */
  abstract read<State>(source: Source<State>): Promise<State>;
}
