/** One change of one account. A command has one or several. */
export interface Entry {
  readonly account_id: string;
  readonly amount: number;
}

/**
 * One line of an acknowledgement log: written to the disk by the client process, outside the system. `at_us` is the monotonic clock of
 * the machine, the same in every process. A command may be sent again under its id.
 */
export type Noted = { readonly command_id: string; readonly at_us: number } & (
  | { readonly kind: 'sent'; readonly entries: readonly Entry[] }
  | { readonly kind: 'acknowledged'; readonly position: number }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
);

/** One message of FACTS, as the bare client reads it. */
export interface Dumped {
  readonly position: number;
  readonly subject: string;
  readonly event_id: string;
  /** The last position on the subject that the append expected; null: this message carries no expectation. */
  readonly expected: number | null;
  readonly data: Entry & {
    readonly command_id: string;
    /** From 0, of `of`. */
    readonly index: number;
    readonly of: number;
    /** From 1: the number of this fact on its account, as the decision that wrote it counted. */
    readonly ordinal: number;
  };
}

export interface AccountRow {
  readonly account_id: string;
  readonly balance: number;
  readonly entries: number;
  /** Depends on the order of all entries. */
  readonly chain: number;
}

export interface CommandRow {
  readonly command_id: string;
  readonly facts: number;
  readonly total: number;
}

/** What plain SQL reads of the read models. */
export interface Rows {
  readonly accounts: readonly AccountRow[];
  readonly commands: readonly CommandRow[];
  readonly checkpoints: readonly { readonly table: string; readonly position: number }[];
  readonly parked: readonly { readonly table: string; readonly unit: string; readonly code: string }[];
}

/** Everything that one run left behind. */
export interface History {
  readonly noted: readonly Noted[];
  readonly log: readonly Dumped[];
  readonly rows: Rows;
}

/** A process that was killed may have left half a line at the end of what it wrote. */
export function notedIn(text: string): Noted[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as Noted];
    } catch {
      return [];
    }
  });
}

/** A command over all the times it was sent. */
export interface Command {
  readonly id: string;
  readonly entries: readonly Entry[];
  readonly sentUs: number;
  /** Each position that it was acknowledged at. */
  readonly positions: readonly number[];
  readonly acknowledgedUs: number;
  /** `unknown`: an attempt got no answer, also when a later one was refused. */
  readonly outcome: 'acknowledged' | 'refused' | 'unknown';
}

export function commandsIn(noted: readonly Noted[]): Map<string, Command> {
  const byId = Map.groupBy(noted, ({ command_id }) => command_id);
  return new Map([...byId].map(([id, lines]) => [id, commandOf(id, lines)]));
}

function commandOf(id: string, lines: readonly Noted[]): Command {
  const sent = lines.filter((line) => line.kind === 'sent');
  const acknowledged = lines.filter((line) => line.kind === 'acknowledged');
  const refused = lines.filter((line) => line.kind === 'refused');
  const answered = refused.length === sent.length ? 'refused' : 'unknown';
  return {
    id,
    entries: sent[0]?.entries ?? [],
    sentUs: Math.min(...sent.map(({ at_us }) => at_us)),
    positions: acknowledged.map(({ position }) => position),
    acknowledgedUs: Math.min(...acknowledged.map(({ at_us }) => at_us)), // Infinity: never.
    outcome: acknowledged.length > 0 ? 'acknowledged' : answered,
  };
}
