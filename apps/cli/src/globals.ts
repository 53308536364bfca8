import { type Command, InvalidArgumentError, Option } from 'commander';

/** What every command takes. */
export interface Globals {
  output: 'table' | 'json';
  quiet: boolean;
  color: boolean;
  input: boolean;
  /** Milliseconds for everything that is asked of the network, together. */
  timeout: number;
  url: string | undefined;
  profile: string | undefined;
  insecure: boolean;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 600_000;

const DEFAULTS: Globals = {
  output: 'table',
  quiet: false,
  color: true,
  input: true,
  timeout: DEFAULT_TIMEOUT_MS,
  url: undefined,
  profile: undefined,
  insecure: false,
};

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `2h`, `1h30m`, `1d` as milliseconds; undefined: the text is no duration. */
export function durationMs(text: string): number | undefined {
  if (!/^(\d{1,9}(ms|[smhd]))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[smhd])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS],
    0,
  );
}

function timeout(text: string): number {
  const ms = durationMs(/^\d+$/.test(text) ? `${text}s` : text);
  if (ms === undefined || ms < 1 || ms > MAX_TIMEOUT_MS)
    throw new InvalidArgumentError('Give a duration from 1ms to 10m, as in 500ms, 10s, 2m.');
  return ms;
}

const OPTIONS: readonly (() => Option)[] = [
  () => new Option('-o, --output <format>', 'how to print data').choices(['table', 'json']).default('table'),
  () => new Option('-q, --quiet', 'print no hints, only data, warnings and errors'),
  () => new Option('--no-color', 'print without colours (also: NO_COLOR)'),
  () => new Option('--no-input', 'never ask; what is missing is an error'),
  () => new Option('--timeout <duration>', 'how long to wait for answers').argParser(timeout).default(DEFAULT_TIMEOUT_MS, '10s'),
  () => new Option('--url <url>', 'where the API answers (also: AP_URL)'),
  () => new Option('--profile <name>', 'which stored login to use (also: AP_PROFILE)'),
  () => new Option('--insecure', 'let a token travel over plain http to another host'),
];

const GLOBAL = new WeakSet<Option>();

/**
 * Each command has the global options itself, so that they may stand before and after its name; one that uses a name for
 * something of its own leaves it out, and the global one then stands before the command.
 */
export function addGlobals(command: Command, without: readonly string[] = [], isShown = true): Command {
  for (const make of OPTIONS) {
    const option = make().helpGroup('Global options:').hideHelp(!isShown);
    if (without.includes(option.attributeName())) continue;
    GLOBAL.add(option);
    command.addOption(option);
  }
  return command;
}

/** What was given, wherever it stood; the innermost wins. */
export function globalsOf(command: Command): Globals {
  const chain: Command[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) chain.unshift(at);
  const given = chain.flatMap((at) =>
    at.options
      .filter((option) => GLOBAL.has(option) && at.getOptionValueSource(option.attributeName()) === 'cli')
      .map((option) => [option.attributeName(), at.getOptionValue(option.attributeName()) as unknown]),
  );
  return { ...DEFAULTS, ...(Object.fromEntries(given) as Partial<Globals>) };
}

/** Whether JSON was asked for on a command line that could not be read: its error should be as asked. */
export const asksForJson = (argv: readonly string[]): boolean =>
  argv.some((argument, at) => /^(-o|--output=)json$/.test(argument) || (/^(-o|--output)$/.test(argument) && argv[at + 1] === 'json'));
