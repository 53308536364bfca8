import { on } from 'node:events';
import { readFileSync } from 'node:fs';
import { Failure, messageOf } from './failure.js';
import type { Terminal } from './terminal.js';

const MAX_CHARS = 4096;

/** A secret out of a file or through a pipe; never an argument, which every user of the machine may read. `what` names it. */
export async function readSecret({ stdin, stop }: Terminal, what: string, file: string | undefined): Promise<string> {
  if (file === undefined && stdin.isTTY === true)
    throw new Failure('agent.usage', `There is no ${what}`, `pipe it in, or name a file that holds it; it is not taken as an argument`);
  const text = file === undefined ? await piped(stdin, stop, what) : fromFile(file, what);
  const secret = text.trim();
  if (!/^[\x21-\x7e]{1,4096}$/.test(secret))
    throw new Failure('agent.usage', `What was given is not a ${what}`, 'give the text alone, as it was shown');
  return secret;
}

export function fromFile(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure('agent.usage', `The file with the ${what} cannot be read: ${messageOf(error)}`, 'name one that can');
  }
}

async function piped(stdin: Terminal['stdin'], stop: AbortSignal, what: string): Promise<string> {
  let text = '';
  stdin.setEncoding('utf8');
  try {
    for await (const [part] of on(stdin, 'data', { signal: stop, close: ['end', 'close'] })) {
      text += String(part);
      if (text.length > MAX_CHARS) break;
    }
  } catch (error) {
    throw new Failure('agent.usage', `There is no ${what}: standard input cannot be read (${messageOf(error)})`, 'pipe it in');
  } finally {
    stdin.pause();
  }
  return text;
}
