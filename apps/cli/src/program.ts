import { Command } from 'commander';
import { defineAuth } from './commands/auth.command.js';
import { defineInfrastructure } from './commands/infrastructure.command.js';
import { defineProfile } from './commands/profile.command.js';
import { addGlobals } from './globals.js';
import { Grammar, type Run, withExamples } from './grammar.js';

const SURROUNDINGS = `
Environment:
  AP_URL, AP_TOKEN, AP_PROFILE  go before the stored login; an option goes before them
  NO_COLOR                      no colours
  XDG_CONFIG_HOME               where stored logins are kept (~/.config): clawbutler/profiles.json

Exit codes:
  0 answered  1 failed  2 usage  3 not found  4 login needed  5 denied  6 unreachable
  130 interrupted; with --exit-status also 10 degraded  11 down  12 unknown`;

/** The tree of commands. It parses and explains; `run` does. What is written goes to `write`. */
export function buildProgram(version: string, run: Run, write: (text: string) => void): Command {
  const program = new Command('ap')
    .description('ap: the command line of ClawButler Infrastructure')
    .version(version, '--version', 'print the version')
    .enablePositionalOptions()
    .exitOverride()
    // Help is data even where it was not asked for. Errors are told by `main`, in the form of all errors.
    .configureOutput({ writeOut: write, writeErr: write, outputError: () => {} })
    .addHelpText('after', SURROUNDINGS);
  addGlobals(program);
  withExamples(program, ['ap auth login', 'ap infrastructure status', 'ap infra peers list --status pending -o json']);
  const grammar = new Grammar(run);
  for (const define of [defineAuth, defineProfile, defineInfrastructure]) define(program, grammar);
  return program;
}
