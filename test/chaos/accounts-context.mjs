// A room for chaos: accounts that commands change, one or several at once. From the build, which is what production runs.
import { IsInt } from 'class-validator';
import { built } from '../bench/built.mjs';

const { IsId, newEvent, projectionOf, streamOf, together } = await built('kernel');

/** Without TypeScript a decorator is a function to call. */
const fields = (of, rules) => Object.entries(rules).forEach(([name, decider]) => decider(of.prototype, name));

class AccountEntered {
  static kind = 'fact';
  static type = 'chaos.account.entered';
  static version = 1;
  static past = {};
  static example = { account_id: 'a', command_id: 'c', index: 0, of: 1, ordinal: 1, amount: 1 };
  static streamId = (data) => data.account_id;
}
fields(AccountEntered, { account_id: IsId(), command_id: IsId(), index: IsInt(), of: IsInt(), ordinal: IsInt(), amount: IsInt() });

class AccountView {}
fields(AccountView, { account_id: IsId(), balance: IsInt(), entries: IsInt(), chain: IsInt() });
class CommandView {}
fields(CommandView, { command_id: IsId(), facts: IsInt(), total: IsInt() });

const MODULUS = 1_000_000_007;

/** `chain` depends on the order of all entries; a row that lost, doubled or swapped one differs. */
const accounts = projectionOf(AccountView)({
  table: 'chaos_account',
  version: 1,
  id: 'account_id',
  reads: [AccountEntered],
  key: ({ data }) => data.account_id,
  on: {
    'chaos.account.entered': (before, { data: { account_id, amount } }) => ({
      account_id,
      balance: (before?.balance ?? 0) + amount,
      entries: (before?.entries ?? 0) + 1,
      chain: ((((before?.chain ?? 0) * 31 + amount) % MODULUS) + MODULUS) % MODULUS,
    }),
  },
});

const commands = projectionOf(CommandView)({
  table: 'chaos_command',
  version: 1,
  id: 'command_id',
  reads: [AccountEntered],
  key: ({ data }) => data.command_id,
  on: {
    'chaos.account.entered': (before, { data: { command_id, amount } }) => ({
      command_id,
      facts: (before?.facts ?? 0) + 1,
      total: (before?.total ?? 0) + amount,
    }),
  },
});

const account = streamOf('chaos.account', { AccountEntered }).folds({ initial: 0, evolve: { 'chaos.account.entered': (n) => n + 1 } });

/** Writes all entries of a command or none. Each fact says the how-manieth of its account it is, as far as the decision knew. */
export const enter = {
  on: ({ entries }) => together(Object.fromEntries(entries.map(({ account_id }) => [account_id, account.of(account_id)]))),
  decide: (counts, { data: { command_id, entries } }) => {
    const ordinals = { ...counts };
    return entries.map(({ account_id, amount }, index) => {
      const ordinal = (ordinals[account_id] += 1);
      return newEvent(AccountEntered, { account_id, command_id, index, of: entries.length, ordinal, amount });
    });
  },
};

export const context = { events: { AccountEntered }, projections: [accounts, commands], entities: [], migrations: [] };
