import { type AccountRow, type Command, type CommandRow, type Dumped, type History, type Rows, commandsIn } from './history.js';

/** The tables of the read models, as `room.mjs` declares them. */
export const TABLES = ['chaos_account', 'chaos_command'];
const MODULUS = 1_000_000_007;

/** A rule that a history has to keep, and each place where it does not, in a sentence. */
export interface CheckResult {
  readonly check: string;
  readonly violations: readonly string[];
}

interface Subject {
  readonly commands: ReadonlyMap<string, Command>;
  readonly log: readonly Dumped[];
  readonly byCommand: ReadonlyMap<string, readonly Dumped[]>;
  readonly rows: Rows;
}

const CHECKS: Readonly<Record<string, (subject: Subject) => string[]>> = {
  'every acknowledged append is at its position': lost,
  'no fact is stored twice': doubled,
  'no batch is partial': partial,
  'the log holds what was sent': altered,
  'a refused append is not stored': refusedButStored,
  'facts of an aggregate are in the order of acknowledgement': reordered,
  'no two appends rest on one expectation': sharedExpectations,
  'positions are dense': gaps,
  'account rows equal the fold': wrongAccounts,
  'command rows equal the fold': wrongCommands,
  'checkpoints are at the end of the log': staleCheckpoints,
  'nothing is parked': ({ rows }) => rows.parked.map(({ table, unit, code }) => `${table}: ${unit} is parked (${code})`),
};

/** Judges a history by what clients noted outside the system. Knows nothing of the code that made it. */
export function check({ noted, log, rows }: History): CheckResult[] {
  const inOrder = log.toSorted((a, b) => a.position - b.position);
  const subject = { commands: commandsIn(noted), log: inOrder, byCommand: Map.groupBy(inOrder, ({ data }) => data.command_id), rows };
  return Object.entries(CHECKS).map(([name, find]) => ({ check: name, violations: find(subject) }));
}

function lost({ commands, byCommand }: Subject): string[] {
  return [...commands.values()].flatMap(({ id, positions }) => {
    const end = byCommand.get(id)?.at(-1)?.position;
    return positions
      .filter((position) => position !== end)
      .map((position) => `command ${id} was acknowledged at ${position} and ${end === undefined ? 'is not in the log' : `ends at ${end}`}`);
  });
}

function doubled({ log }: Subject): string[] {
  const twice = (name: string, keyOf: (fact: Dumped) => string): string[] =>
    [...Map.groupBy(log, keyOf)]
      .filter(([, facts]) => facts.length > 1)
      .map(([key, facts]) => `${name} ${key} is stored at ${facts.map(({ position }) => position).join(', ')}`);
  return [...twice('fact', ({ data }) => `${data.index} of command ${data.command_id}`), ...twice('event id', ({ event_id }) => event_id)];
}

function partial({ byCommand }: Subject): string[] {
  return [...byCommand].flatMap(([id, facts]) => {
    const of = facts[0]?.data.of ?? 0;
    const indexes = new Set(facts.map(({ data }) => data.index));
    if (indexes.size !== of) return [`command ${id} has ${indexes.size} of ${of} facts`];
    const first = facts[0]?.position ?? 0;
    const together = facts.length !== of || facts.every(({ position, data }, i) => position === first + i && data.index === i);
    return together ? [] : [`the ${of} facts of command ${id} do not stand together: ${facts.map(({ position }) => position).join(', ')}`];
  });
}

function altered({ commands, log }: Subject): string[] {
  return log.flatMap(({ position, subject, data }) => {
    const command = commands.get(data.command_id);
    if (command === undefined) return [`the fact at ${position} is of command ${data.command_id}, which nobody sent`];
    const entry = command.entries[data.index];
    const same =
      entry !== undefined &&
      entry.account_id === data.account_id &&
      entry.amount === data.amount &&
      command.entries.length === data.of &&
      subject.endsWith(`.${data.account_id}`);
    return same ? [] : [`the fact at ${position} is not entry ${data.index} of command ${data.command_id}`];
  });
}

function refusedButStored({ commands, byCommand }: Subject): string[] {
  return [...commands.values()]
    .filter(({ id, outcome }) => outcome === 'refused' && byCommand.has(id))
    .map(
      ({ id }) =>
        `command ${id} was refused and is stored at ${byCommand
          .get(id)
          ?.map(({ position }) => position)
          .join(', ')}`,
    );
}

const onSubjects = (log: readonly Dumped[]): Map<string, Dumped[]> => Map.groupBy(log, ({ subject }) => subject);

/** A command that was acknowledged before another one was sent stands before it. */
function reordered({ commands, log }: Subject): string[] {
  return [...onSubjects(log)].flatMap(([subject, facts]) => {
    const violations: string[] = [];
    let earliest: Command | undefined; // Acknowledged first among those that stand later in the log.
    for (const { position, data } of facts.toReversed()) {
      const command = commands.get(data.command_id);
      if (command === undefined) continue;
      if (earliest !== undefined && earliest.acknowledgedUs < command.sentUs)
        violations.push(
          `${subject}: command ${command.id} at ${position} was sent after ${earliest.id} was acknowledged, and stands before it`,
        );
      if (earliest === undefined || command.acknowledgedUs < earliest.acknowledgedUs) earliest = command;
    }
    return violations;
  });
}

/** Each decision counted the facts that were there, so a second one on the same state repeats a number. */
function sharedExpectations({ log }: Subject): string[] {
  return [...onSubjects(log)].flatMap(([subject, facts]) =>
    facts.flatMap(({ position, expected, data }, i) => {
      const before = facts[i - 1]?.position ?? 0;
      if (data.ordinal !== i + 1)
        return [`${subject}: the fact at ${position} was decided as number ${data.ordinal} and is number ${i + 1}`];
      if (expected !== null && expected !== before)
        return [`${subject}: the fact at ${position} expected ${expected} before it, and there is ${before}`];
      return [];
    }),
  );
}

function gaps({ log }: Subject): string[] {
  return log.flatMap(({ position }, i) => {
    const before = log[i - 1]?.position ?? 0;
    return position > before + 1 ? [`between ${before} and ${position} the log has nothing`] : [];
  });
}

/** The checker's own fold: the order comes from the log, the amounts from what clients noted. */
function* entriesInOrder({ commands, log }: Subject): Generator<{ id: string; account_id: string; amount: number }> {
  for (const { data } of log) {
    const entry = commands.get(data.command_id)?.entries[data.index];
    if (entry !== undefined) yield { id: data.command_id, ...entry };
  }
}

function wrongAccounts(subject: Subject): string[] {
  const folded = new Map<string, AccountRow>();
  for (const { account_id, amount } of entriesInOrder(subject)) {
    const { balance, entries, chain } = folded.get(account_id) ?? { balance: 0, entries: 0, chain: 0 };
    const next = (((chain * 31 + amount) % MODULUS) + MODULUS) % MODULUS;
    folded.set(account_id, { account_id, balance: balance + amount, entries: entries + 1, chain: next });
  }
  return differences('account', folded, subject.rows.accounts, ({ account_id }) => account_id);
}

function wrongCommands(subject: Subject): string[] {
  const folded = new Map<string, CommandRow>();
  for (const { id, amount } of entriesInOrder(subject)) {
    const { facts, total } = folded.get(id) ?? { facts: 0, total: 0 };
    folded.set(id, { command_id: id, facts: facts + 1, total: total + amount });
  }
  return differences('command', folded, subject.rows.commands, ({ command_id }) => command_id);
}

function differences<Row extends object>(
  name: string,
  folded: Map<string, Row>,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): string[] {
  const words = (row: Row): string => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
  const stored = Map.groupBy(rows, keyOf);
  const missing = [...folded.keys()].filter((key) => !stored.has(key)).map((key) => `the row of ${name} ${key} is missing`);
  const others = [...stored].flatMap(([key, [row, ...more]]) => {
    const expected = folded.get(key);
    if (expected === undefined) return [`the row of ${name} ${key} comes from no fact`];
    if (more.length > 0) return [`there are ${more.length + 1} rows of ${name} ${key}`];
    return words(row as Row) === words(expected)
      ? []
      : [`the row of ${name} ${key} is ${JSON.stringify(row)}, not ${JSON.stringify(expected)}`];
  });
  return [...missing, ...others];
}

function staleCheckpoints({ log, rows }: Subject): string[] {
  const end = log.at(-1)?.position ?? 0;
  return TABLES.flatMap((table) => {
    const at = rows.checkpoints.find((checkpoint) => checkpoint.table === table)?.position;
    return at === end ? [] : [`${table} is at ${at ?? 'no position'}, and the log ends at ${end}`];
  });
}
