import { explain } from '@app/process';

/** A mistake in the command line. */
export class UsageWrong extends Error {}

export const say = (words: string): void => void process.stdout.write(`${words}\n`);

/** Runs a command to its end. What stops it is said as a sentence, and the exit code is 1. */
export async function runCommand(usage: string, command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.stderr.write(`${isUsage(error) ? `${error.message}\n${usage}` : explain(error)}\n`);
    process.exitCode = 1;
  }
}

const isUsage = (error: unknown): error is Error =>
  error instanceof UsageWrong || (error instanceof Error && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS'));
