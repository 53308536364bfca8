import { readFile, stat } from 'node:fs/promises';
import type { Context } from '../context.js';
import { failure } from '../failure.js';
import { readHidden, readPiped } from '../input.js';

export interface SecretOptions {
  secretFile?: string | undefined;
  secretStdin?: boolean | undefined;
}

const MAX_SECRET_BYTES = 4096;

/**
 * The secret from where the options say; undefined: they say nothing. It is never an option itself: others see the command line. `name` is what
 * the options call it.
 */
export async function secretOf(context: Context, { secretFile, secretStdin }: SecretOptions, name = 'secret'): Promise<string | undefined> {
  if (secretFile !== undefined) return withoutLineEnd(await readSecretFile(secretFile, name), `the file ${secretFile}`, name);
  if (secretStdin !== true) return undefined;
  const { terminal, output, globals } = context;
  if (terminal.stdin.isTTY !== true) return withoutLineEnd(await readPiped(terminal, context.deadline), 'standard input', name);
  if (!globals.input)
    throw failure('cli.usage', `--${name}-stdin and --no-input, and nothing is piped in`, `pipe the ${name} in, or use --${name}-file`);
  output.prompt(`${name[0]?.toUpperCase()}${name.slice(1)} (not shown): `);
  return withoutLineEnd(await readHidden(terminal), 'standard input', name);
}

async function readSecretFile(path: string, name: string): Promise<string> {
  try {
    if ((await stat(path)).size > MAX_SECRET_BYTES) throw new Error(`it is longer than ${MAX_SECRET_BYTES} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw failure(
      'cli.usage',
      `The ${name} in ${path} cannot be read: ${(error as Error).message}`,
      `name a file that holds the ${name} alone`,
    );
  }
}

function withoutLineEnd(text: string, source: string, name: string): string {
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw failure('cli.usage', `There is no ${name} in ${source}`, 'give one there, and nothing else');
  return secret;
}
