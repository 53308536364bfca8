import { TABLES, check } from './checker.js';
import { type Dumped, type Entry, type History, type Noted, notedIn } from './history.js';

interface Plan {
  readonly id: string;
  readonly entries: readonly Entry[];
  readonly outcome: 'acknowledged' | 'unknown-stored' | 'unknown-absent' | 'refused';
}

const entry = (account_id: string, amount: number): Entry => ({ account_id, amount });
const PLANS: readonly Plan[] = [
  { id: 'c1', entries: [entry('a', 5)], outcome: 'acknowledged' },
  { id: 'c2', entries: [entry('a', -3), entry('b', 3)], outcome: 'acknowledged' },
  { id: 'c3', entries: [entry('b', 7)], outcome: 'unknown-absent' },
  { id: 'c4', entries: [entry('b', 2), entry('b', 1), entry('a', 4)], outcome: 'unknown-stored' },
  { id: 'c5', entries: [entry('a', 9)], outcome: 'refused' },
  { id: 'c6', entries: [entry('a', 1)], outcome: 'acknowledged' },
];

/** A history without a flaw: one command after the other. Deep and fresh, so that a test may spoil it. */
function flawless() {
  const noted: Noted[] = [];
  const log: Dumped[] = [];
  const tails = new Map<string, { position: number; ordinal: number }>();
  for (const [i, { id, entries, outcome }] of PLANS.entries()) {
    noted.push({ kind: 'sent', command_id: id, at_us: i * 10, entries });
    const isStored = outcome === 'acknowledged' || outcome === 'unknown-stored';
    const guarded = new Set<string>();
    for (const [index, { account_id, amount }] of isStored ? entries.entries() : []) {
      const { position: before, ordinal } = tails.get(account_id) ?? { position: 0, ordinal: 0 };
      const position = log.length + 1;
      const data = { account_id, amount, command_id: id, index, of: entries.length, ordinal: ordinal + 1 };
      const expected = guarded.has(account_id) ? null : before;
      guarded.add(account_id);
      tails.set(account_id, { position, ordinal: ordinal + 1 });
      log.push({ position, subject: `facts.chaos.account.${account_id}`, event_id: `${id}-${index}`, expected, data });
    }
    const answer = { command_id: id, at_us: i * 10 + 5 };
    if (outcome === 'acknowledged') noted.push({ kind: 'acknowledged', ...answer, position: log.length });
    else noted.push({ kind: outcome === 'refused' ? 'refused' : 'unknown', ...answer, reason: 'silence' });
  }
  // By hand, and not by a second copy of the fold: a is 5, -3, 4, 1 and b is 3, 2, 1.
  const rows = {
    accounts: [
      { account_id: 'a', balance: 7, entries: 4, chain: 5 * 31 ** 3 - 3 * 31 ** 2 + 4 * 31 + 1 },
      { account_id: 'b', balance: 6, entries: 3, chain: 3 * 31 ** 2 + 2 * 31 + 1 },
    ],
    commands: [
      { command_id: 'c1', facts: 1, total: 5 },
      { command_id: 'c2', facts: 2, total: 0 },
      { command_id: 'c4', facts: 3, total: 7 },
      { command_id: 'c6', facts: 1, total: 1 },
    ],
    checkpoints: TABLES.map((table) => ({ table, position: 7 })),
    parked: [] as { table: string; unit: string; code: string }[],
  };
  return { noted, log, rows };
}
type Flawless = ReturnType<typeof flawless>;

const violations = (history: History): Record<string, readonly string[]> =>
  Object.fromEntries(check(history).flatMap(({ check: name, violations: found }) => (found.length > 0 ? [[name, found]] : [])));

const spoiled = (spoil: (history: Flawless) => void): Record<string, readonly string[]> => {
  const history = flawless();
  spoil(history);
  return violations(history);
};

/** What the log is when a fact is not there and never was: everything after it moves up. */
const without = (log: readonly Dumped[], position: number): Dumped[] =>
  log
    .filter((fact) => fact.position !== position)
    .map((fact) => (fact.position > position ? { ...fact, position: fact.position - 1 } : fact));

it('finds nothing in a flawless history', () => {
  expect(violations(flawless())).toEqual({});
});

it('judges a history in which nothing happened', () => {
  const rows = { accounts: [], commands: [], checkpoints: TABLES.map((table) => ({ table, position: 0 })), parked: [] };
  expect(violations({ noted: [], log: [], rows })).toEqual({});
});

describe('an acknowledged append', () => {
  const CHECK = 'every acknowledged append is at its position';

  it('is named when the log lost it', () => {
    const found = spoiled((history) => void (history.log = history.log.slice(0, -1)));
    expect(found[CHECK]).toEqual(['command c6 was acknowledged at 7 and is not in the log']);
  });

  it('is named when it stands elsewhere', () => {
    const found = spoiled(({ noted }) => void noted.splice(1, 1, { kind: 'acknowledged', command_id: 'c1', at_us: 5, position: 4 }));
    expect(found[CHECK]).toEqual(['command c1 was acknowledged at 4 and ends at 1']);
  });

  it('is named when a repetition was acknowledged at another position', () => {
    const found = spoiled(({ noted }) => {
      noted.push({ kind: 'sent', command_id: 'c1', at_us: 100, entries: [entry('a', 5)] });
      noted.push({ kind: 'acknowledged', command_id: 'c1', at_us: 105, position: 7 });
    });
    expect(found).toEqual({ [CHECK]: ['command c1 was acknowledged at 7 and ends at 1'] });
  });
});

describe('a fact', () => {
  it('is named when it is stored twice', () => {
    const found = spoiled(({ log }) => void log.push({ ...log[0]!, position: 8, expected: 7, data: { ...log[0]!.data, ordinal: 5 } }));
    expect(found['no fact is stored twice']).toEqual(['fact 0 of command c1 is stored at 1, 8', 'event id c1-0 is stored at 1, 8']);
  });

  it('is named when an unknown outcome was resolved both ways: sent again and stored twice under another id', () => {
    const found = spoiled(({ log }) => {
      const again = { ...log[3]!, position: 8, event_id: 'other', expected: 5, data: { ...log[3]!.data, ordinal: 4 } };
      log.push(again);
    });
    expect(found['no fact is stored twice']).toEqual(['fact 0 of command c4 is stored at 4, 8']);
  });

  it('is named when nobody sent it', () => {
    const found = spoiled(({ noted }) => void noted.splice(0, 2));
    expect(found['the log holds what was sent']).toEqual(['the fact at 1 is of command c1, which nobody sent']);
  });

  it('is named when it differs from what was sent', () => {
    const found = spoiled(({ log }) => void (log[0] = { ...log[0]!, data: { ...log[0]!.data, amount: 6 } }));
    expect(found).toEqual({ 'the log holds what was sent': ['the fact at 1 is not entry 0 of command c1'] });
  });

  it('is named when its append was refused', () => {
    const found = spoiled(({ noted }) => {
      noted.splice(1, 1, { kind: 'refused', command_id: 'c1', at_us: 5, reason: 'event-store.conflict' });
    });
    expect(found).toEqual({ 'a refused append is not stored': ['command c1 was refused and is stored at 1'] });
  });

  it('may be stored when one attempt of its command was refused and another got no answer', () => {
    const found = spoiled(({ noted }) => {
      noted.splice(1, 1, { kind: 'unknown', command_id: 'c1', at_us: 5, reason: 'silence' });
      noted.push({ kind: 'sent', command_id: 'c1', at_us: 200, entries: [entry('a', 5)] });
      noted.push({ kind: 'refused', command_id: 'c1', at_us: 205, reason: 'event-store.unavailable' });
    });
    expect(found).toEqual({});
  });

  it('is named when another decision rested on the same state', () => {
    const found = spoiled(({ log }) => void (log[6] = { ...log[6]!, expected: 2, data: { ...log[6]!.data, ordinal: 3 } }));
    expect(found).toEqual({
      'no two appends rest on one expectation': ['facts.chaos.account.a: the fact at 7 was decided as number 3 and is number 4'],
    });
  });

  it('is named when its expectation was not how the aggregate ended', () => {
    const found = spoiled(({ log }) => void (log[6] = { ...log[6]!, expected: 2 }));
    expect(found).toEqual({
      'no two appends rest on one expectation': ['facts.chaos.account.a: the fact at 7 expected 2 before it, and there is 6'],
    });
  });
});

describe('a batch', () => {
  const CHECK = 'no batch is partial';

  it('is named when its end is missing', () => {
    expect(spoiled((history) => void (history.log = without(history.log, 6)))[CHECK]).toEqual(['command c4 has 2 of 3 facts']);
  });

  it('is named when its beginning is missing', () => {
    expect(spoiled((history) => void (history.log = without(history.log, 2)))[CHECK]).toEqual(['command c2 has 1 of 2 facts']);
  });

  it('is named when another fact stands in its middle', () => {
    const found = spoiled(({ log }) => {
      const [sixth, seventh] = [log[5]!, log[6]!];
      [log[5], log[6]] = [
        { ...seventh, position: 6 },
        { ...sixth, position: 7 },
      ];
    });
    expect(found[CHECK]).toEqual(['the 3 facts of command c4 do not stand together: 4, 5, 7']);
  });
});

it('names an append that stands before one that was acknowledged before it was sent', () => {
  const found = spoiled(({ noted }) => {
    noted.splice(0, 2, { kind: 'sent', command_id: 'c1', at_us: 16, entries: [entry('a', 5)] });
    noted.push({ kind: 'acknowledged', command_id: 'c1', at_us: 18, position: 1 });
  });
  expect(found).toEqual({
    'facts of an aggregate are in the order of acknowledgement': [
      'facts.chaos.account.a: command c1 at 1 was sent after c2 was acknowledged, and stands before it',
    ],
  });
});

it('accepts either order of two appends that were under way at once', () => {
  const found = spoiled(({ noted }) => {
    noted.splice(0, 2, { kind: 'sent', command_id: 'c1', at_us: 14, entries: [entry('a', 5)] });
    noted.push({ kind: 'acknowledged', command_id: 'c1', at_us: 18, position: 1 });
  });
  expect(found).toEqual({});
});

it('names a position at which the log has nothing', () => {
  const found = spoiled(({ log }) => void (log[6] = { ...log[6]!, position: 9 }));
  expect(found['positions are dense']).toEqual(['between 6 and 9 the log has nothing']);
});

describe('a row', () => {
  it('is named when it is not the fold', () => {
    const found = spoiled(({ rows }) => void (rows.accounts[1] = { ...rows.accounts[1]!, entries: 4 }));
    expect(Object.keys(found)).toEqual(['account rows equal the fold']);
    expect(found['account rows equal the fold']?.[0]).toContain('the row of account b is {"account_id":"b","balance":6,"entries":4');
  });

  it('is named when it was folded in another order', () => {
    const chain = 5 * 31 ** 3 + 4 * 31 ** 2 - 3 * 31 + 1;
    const found = spoiled(({ rows }) => void (rows.accounts[0] = { ...rows.accounts[0]!, chain }));
    expect(Object.keys(found)).toEqual(['account rows equal the fold']);
  });

  it('is named when it is missing', () => {
    const found = spoiled(({ rows }) => void rows.commands.pop());
    expect(found).toEqual({ 'command rows equal the fold': ['the row of command c6 is missing'] });
  });

  it('is named when no fact made it', () => {
    const found = spoiled(({ rows }) => void rows.commands.push({ command_id: 'c3', facts: 1, total: 7 }));
    expect(found).toEqual({ 'command rows equal the fold': ['the row of command c3 comes from no fact'] });
  });

  it('is named when it is there twice', () => {
    const found = spoiled(({ rows }) => void rows.commands.push(rows.commands[0]!));
    expect(found).toEqual({ 'command rows equal the fold': ['there are 2 rows of command c1'] });
  });

  it('is named when it is parked', () => {
    const found = spoiled(({ rows }) => void rows.parked.push({ table: 'chaos_account', unit: 'a', code: 'fold.threw' }));
    expect(found).toEqual({ 'nothing is parked': ['chaos_account: a is parked (fold.threw)'] });
  });
});

it.each([6, 8])('names a checkpoint at %d of a log that ends at 7', (position) => {
  const found = spoiled(({ rows }) => void (rows.checkpoints[1] = { table: 'chaos_command', position }));
  expect(found).toEqual({ 'checkpoints are at the end of the log': [`chaos_command is at ${position}, and the log ends at 7`] });
});

it('names a read model without a checkpoint', () => {
  const found = spoiled(({ rows }) => void rows.checkpoints.shift());
  expect(found).toEqual({ 'checkpoints are at the end of the log': ['chaos_account is at no position, and the log ends at 7'] });
});

it('reads what a killed process noted, but for the half line at its end', () => {
  const line: Noted = { kind: 'unknown', command_id: 'c1', at_us: 1, reason: 'silence' };
  expect(notedIn(`${JSON.stringify(line)}\n{"kind":"ackn`)).toEqual([line]);
});
