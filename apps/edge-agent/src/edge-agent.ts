import { Command, CommanderError } from 'commander';
import { type Clock, systemClock } from './clock.js';
import { gatewayToken } from './commands/gateway-token.command.js';
import { join } from './commands/join.command.js';
import { pin } from './commands/pin.command.js';
import { leave } from './commands/leave.command.js';
import { restart } from './commands/restart.command.js';
import { run } from './commands/run.command.js';
import { server } from './commands/server.command.js';
import { status } from './commands/status.command.js';
import type { Context } from './context.js';
import { EXIT, Failure, messageOf } from './failure.js';
import { State, defaultState } from './state.js';
import type { Terminal } from './terminal.js';

export interface Surroundings {
  terminal: Terminal;
  version: string;
  clock?: Clock;
  random?: () => number;
}
type Handler = (context: Context, options: never) => Promise<number>;

const MORE = `
Examples:
  $ printf %s 'cbj_...' | edge-agent join --server https://claw.example --gateway http://127.0.0.1:18789
  $ edge-agent run
  $ edge-agent status
  $ edge-agent server https://new.example

Signals to run:
  SIGINT, SIGTERM, and SIGHUP of a terminal that is closed: say goodbye and end
  SIGHUP without a terminal: read the state again, as restart has it

Exit codes:
  0 done  1 failed  2 usage  5 refused by the server  6 unreachable, or (status) not connected`;

const again = (value: string, all: readonly string[]): string[] => [...all, value];

/** Runs one command line and answers its exit code. Throws nothing. */
export async function edgeAgent(
  argv: readonly string[],
  { terminal, version, clock = systemClock, random = Math.random }: Surroundings,
): Promise<number> {
  let exit: number = EXIT.ok;
  const say = (line: string): void => void terminal.stderr.write(`${line}\n`);
  const does =
    (handler: Handler) =>
    async (options: { state?: string }): Promise<void> => {
      const state = new State(options.state ?? defaultState(terminal.env));
      exit = await handler({ state, terminal, version, clock, random, say }, options as never);
    };
  try {
    await program(version, terminal, does).parseAsync(argv, { from: 'user' });
    return exit;
  } catch (error) {
    return told(error, say);
  }
}

function program(version: string, { stdout, stderr }: Terminal, does: (handler: Handler) => (options: object) => Promise<void>): Command {
  const all = new Command('edge-agent')
    .description('edge-agent: keeps a ClawButler instance informed of the OpenClaw gateways beside it')
    .version(version, '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text), outputError: () => undefined })
    .addHelpText('after', MORE);
  const command = (name: string, what: string): Command =>
    all.command(name).description(what).option('--state <dir>', 'where the agent keeps its state (~/.local/state/clawbutler-edge-agent)');
  command('join', 'redeem a join token, which is read from standard input, and run')
    .requiredOption('--server <url>', 'the public address of the ClawButler instance')
    .option('--gateway <url>', 'an OpenClaw gateway to watch; may be given again', again, [])
    .option('--gateway-token-file <file>', 'holds the token of a gateway: the first is for the first --gateway, and so on', again, [])
    .option('--token-file <file>', 'holds the join token (also: CB_JOIN_TOKEN_FILE)')
    .action(does(join));
  command('run', 'run the agent that joined, until it is told to stop').action(does(run));
  command('status', 'say how the agent is that runs').option('--json', 'as JSON').action(does(status));
  command('restart', 'have the agent that runs read its state again').action(does(restart));
  command('server', 'move the agent to another address of its server, which must take it first')
    .argument('<url>', 'the new public address of the ClawButler instance')
    .action((url: string, options: object) => does((context) => server(context, url))(options));
  command('pin', 'know the server by the instance key that it shows now, in place of the pinned one')
    .argument('<fingerprint>', 'of that key, as the operator of the server reads it off there')
    .action((fingerprint: string, options: object) => does((context) => pin(context, fingerprint))(options));
  command('gateway-token', "keep a gateway's token, which is read from standard input; it never leaves this machine")
    .option('--gateway <name>', 'which gateway, as status names it')
    .option('--token-file <file>', 'holds the token')
    .action(does(gatewayToken));
  command('leave', 'stop the agent and remove its key').action(does(leave));
  return all;
}

function told(error: unknown, say: (line: string) => void): number {
  if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help'))
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const failure =
    error instanceof Failure
      ? error
      : error instanceof CommanderError
        ? new Failure('agent.usage', error.message.replace(/^error: /, '').replace(/=.*/s, ''), 'see what it takes: edge-agent --help')
        : new Failure('agent.bug', `edge-agent itself failed: ${messageOf(error)}`, 'please report it, with edge-agent --version');
  say(`edge-agent: ${failure.message.replace(/\.$/, '')} (${failure.code})`);
  say(`next: ${failure.next}`);
  return failure.exit;
}
