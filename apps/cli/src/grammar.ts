import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from './context.js';
import { addGlobals, durationMs } from './globals.js';

/** What carries a command out; what it answers is the exit code, nothing is 0. */
export type Handler = (context: Context, options: never, ...args: never[]) => Promise<number | void>;
/** A handler is read from disk when it is called for: `ap --version` needs none of them. */
export type Load = () => Promise<Handler>;
export type Run = (command: Command, load: Load, options: object, args: readonly string[]) => Promise<void>;

interface Leaf {
  /** Name and arguments, as in `get <peer>`. */
  usage: string;
  does: string;
  /** What its argument may be; told by its own help, and not by the list of all commands. */
  takes?: string;
  examples: readonly [string, ...string[]];
  options?: readonly Option[];
}

/** How every command is made: with the global options, a description and an example. */
export class Grammar {
  constructor(private readonly run: Run) {}

  group(parent: Command, name: string, holds: string, example: string, takes?: string): Command {
    const group = parent
      .command(name)
      .summary(holds)
      .description(takes === undefined ? holds : `${holds}. ${takes}`);
    return withExamples(addGlobals(group, [], false), [example]);
  }

  leaf(parent: Command, { usage, does, takes, examples, options = [] }: Leaf, load: Load): Command {
    const command = parent
      .command(usage)
      .summary(does)
      .description(takes === undefined ? does : `${does}. ${takes}`);
    for (const option of options) command.addOption(option);
    addGlobals(
      command,
      options.map((option) => option.attributeName()),
    );
    return withExamples(command, examples).action((...given: unknown[]) =>
      this.run(command, load, given.at(-2) as object, given.slice(0, -2) as string[]),
    );
  }
}

export const withExamples = (command: Command, examples: readonly string[]): Command =>
  command.addHelpText('after', `\nExample${examples.length > 1 ? 's' : ''}:\n${examples.map((line) => `  $ ${line}`).join('\n')}`);

/** What a list shows unless told. */
const ROWS = 50;
/** The longest list in one go. */
export const MAX_ROWS = 10_000;
const DAYS = 90;
const MAX_DAYS = 3650;

function countOf(text: string, most: number, words: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > most) throw new InvalidArgumentError(words);
  return count;
}

export const option = (flags: string, description: string): Option => new Option(flags, description);
export const required = (flags: string, description: string): Option => option(flags, description).makeOptionMandatory();

export const limit = (): Option =>
  option('--limit <rows>', 'at most so many rows')
    .argParser((text) => countOf(text, MAX_ROWS, `Give a number from 1 to ${MAX_ROWS}.`))
    .default(ROWS);

/** Words of a closed list with commas between them, each at most once. */
export const listOption = (flags: string, description: string, words: readonly string[]): Option =>
  option(flags, description).argParser((text) => {
    const given = text.split(',').map((word) => word.trim());
    if (given.some((word) => !words.includes(word)))
      throw new InvalidArgumentError(`Give some of ${words.join(', ')}, with commas between them.`);
    return [...new Set(given)];
  });

export const countOption = (flags: string, description: string, most: number): Option =>
  option(flags, description).argParser((text) => countOf(text, most, `Give a number from 1 to ${most}.`));

/** Milliseconds, from 1 minute to `mostMs`, which is `most` in words. */
export const durationOption = (flags: string, description: string, mostMs: number, most: string): Option =>
  option(flags, description).argParser((text) => {
    const ms = durationMs(text);
    if (ms === undefined || ms < 60_000 || ms > mostMs)
      throw new InvalidArgumentError(`Give a duration from 1m to ${most}, as in 30m, 2h.`);
    return ms;
  });

export type Days = number | 'never';
export const expiry = (): Option =>
  option('--expires-in-days <days>', 'how long the token is valid, or never')
    .argParser((text): Days => (text === 'never' ? text : countOf(text, MAX_DAYS, `Give a number from 1 to ${MAX_DAYS}, or never.`)))
    .default(DAYS);

/** As the API takes it: null for a token that does not expire. */
export const daysOf = (given: Days): number | null => (given === 'never' ? null : given);

const MAX_WAIT_MS = 86_400_000;
/** Milliseconds; with the option alone as long as `preset` says, which is a duration. */
export const waiting = (description: string, preset: string): Option =>
  option('--wait [duration]', description)
    .preset(preset)
    .argParser((text) => {
      const ms = durationMs(text);
      if (ms === undefined || ms < 1 || ms > MAX_WAIT_MS) throw new InvalidArgumentError('Give a duration from 1ms to 1d, as in 90s, 5m.');
      return ms;
    });
