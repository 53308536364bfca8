import type { Command, CommanderError } from 'commander';
import { EXIT, Failure, failure } from './failure.js';
import { asksForJson, globalsOf } from './globals.js';
import type { Load } from './grammar.js';
import { Output } from './output.js';
import { buildProgram } from './program.js';
import { type Terminal, terminalOf } from './terminal.js';
import { asCalled } from './view/called.js';

/** Runs one command line and answers its exit code. Throws nothing. */
export async function main(argv: readonly string[], terminal: Terminal, version: string): Promise<number> {
  const invocation = new Invocation(terminal, argv);
  const program = buildProgram(version, invocation.run, (text) => terminal.stdout.write(asCalled(text, terminal.env)));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return terminal.interrupted.aborted ? interruptedExit(terminal) : invocation.exit;
  } catch (error) {
    return invocation.end(error, program);
  }
}

/** One command line on its way: knows how to say what went wrong in the form that was asked for. */
class Invocation {
  exit: number = EXIT.answered;
  private command: Command | undefined;

  constructor(
    private readonly terminal: Terminal,
    private readonly argv: readonly string[],
  ) {}

  readonly run = async (command: Command, load: Load, options: object, args: readonly string[]): Promise<void> => {
    this.command = command;
    const [handler, { Context }] = await Promise.all([load(), import('./context.js')]);
    const context = new Context(this.terminal, globalsOf(command));
    this.exit = (await handler(context, options as never, ...(args as never[]))) ?? EXIT.answered;
  };

  /** Tells why it ended, where that is to be told, and answers the exit code. */
  end(error: unknown, program: Command): number {
    if (isCommanders(error) && (error.exitCode === 0 || error.code === 'commander.help')) return EXIT.answered; // A group alone shows what it holds.
    const { problem, exit } = asFailure(error, () => meant(program, this.argv));
    const globals = this.command === undefined ? undefined : globalsOf(this.command);
    const output = globals?.output ?? (asksForJson(this.argv) ? 'json' : 'table');
    new Output(this.terminal, { output, quiet: false, color: false }).problem(problem);
    return this.terminal.interrupted.aborted ? interruptedExit(this.terminal) : exit;
  }
}

const isCommanders = (error: unknown): error is CommanderError =>
  String((error as Partial<CommanderError> | null)?.code).startsWith('commander.');

function asFailure(error: unknown, command: () => string): Failure {
  if (error instanceof Failure) return error;
  return isCommanders(error) ? misunderstood(error, command()) : bug(error);
}

/** What was not understood is not repeated where it may be a secret, for which there is no option: only its name is. */
function misunderstood({ message }: CommanderError, command: string): Failure {
  const sentence = message
    .replace(/^error: /, '')
    .replace(/^(unknown option '-[^=]*)=.*'/s, "$1'")
    .replace(/^(too many arguments .* but got \d+): .*/s, '$1');
  return failure('cli.usage', sentence, `see what it takes: ${command} --help`);
}

/** The command that was meant, as far as it can be made out: `ap infrastructure peers`. */
function meant(program: Command, argv: readonly string[]): string {
  let command = program;
  for (const word of argv) command = command.commands.find((child) => child.name() === word || child.aliases().includes(word)) ?? command;
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  return names.join(' ');
}

const bug = (error: unknown): Failure =>
  failure(
    'cli.bug',
    `ap itself failed: ${error instanceof Error ? error.message : String(error)}`,
    'please report it, with the command line and ap --version',
  );

/** As a shell would put it: 128 and the number of the signal. */
const interruptedExit = ({ interrupted }: Terminal): number => (interrupted.reason === 'SIGTERM' ? 143 : EXIT.interrupted);

/** `ap` as a process. Called by bin/ap.mjs. */
export async function runAsProcess(version: string): Promise<void> {
  // Whoever reads may have seen enough (`ap ... | head -1`): that is an end, not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? (process.exitCode ?? EXIT.answered) : EXIT.failed),
  );
  process.stderr.on('error', () => {});
  process.exitCode = await main(process.argv.slice(2), terminalOf(process), version);
}
