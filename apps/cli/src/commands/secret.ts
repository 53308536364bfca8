import { readFile, stat } from 'node:fs/promises';
import type { Context } from '../context.js';
import { failure } from '../failure.js';
import { readHidden, readPiped } from '../input.js';

export interface SecretOptions {
  secretFile?: string;
  secretStdin?: boolean;
}

const MAX_SECRET_BYTES = 4096;

/** The secret from where the options say; undefined: they say nothing. It is never an option itself: others see the command line. */
export async function secretOf(context: Context, { secretFile, secretStdin }: SecretOptions): Promise<string | undefined> {
  if (secretFile !== undefined) return withoutLineEnd(await readSecretFile(secretFile), `the file ${secretFile}`);
  if (secretStdin !== true) return undefined;
  const { terminal, output, globals } = context;
  if (terminal.stdin.isTTY !== true) return withoutLineEnd(await readPiped(terminal, context.deadline), 'standard input');
  if (!globals.input)
    throw failure('cli.usage', '--secret-stdin and --no-input, and nothing is piped in', 'pipe the secret in, or use --secret-file');
  output.prompt('Secret (not shown): ');
  return withoutLineEnd(await readHidden(terminal), 'standard input');
}

async function readSecretFile(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MAX_SECRET_BYTES) throw new Error(`it is longer than ${MAX_SECRET_BYTES} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw failure(
      'cli.usage',
      `The secret in ${path} cannot be read: ${(error as Error).message}`,
      'name a file that holds the secret alone',
    );
  }
}

function withoutLineEnd(text: string, source: string): string {
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw failure('cli.usage', `There is no secret in ${source}`, 'give one there, and nothing else');
  return secret;
}
