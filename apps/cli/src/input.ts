import { on } from 'node:events';
import { failure } from './failure.js';
import type { Terminal } from './terminal.js';

/** Secrets and login links are short; whoever pipes more has piped something else. */
const MAX_INPUT_CHARS = 65_536;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';

const tooMuch = () => failure('cli.usage', 'There is too much on standard input', 'pipe in only what was asked for');
const interruption = () => failure('cli.interrupted', 'Interrupted while waiting for input', 'nothing was sent; start again when you like');

/** Everything that comes through a pipe; the signal ends a pipe that never closes. */
export async function readPiped({ stdin }: Terminal, signal: AbortSignal): Promise<string> {
  let text = '';
  stdin.setEncoding('utf8');
  try {
    for await (const chunk of readAll(stdin, signal)) {
      text += chunk;
      if (text.length > MAX_INPUT_CHARS) throw tooMuch();
    }
  } finally {
    stdin.pause();
  }
  return text;
}

/** One line typed by hand, which the terminal does not show. */
export async function readHidden({ stdin, stderr, interrupted }: Terminal): Promise<string> {
  let line = '';
  stdin.setEncoding('utf8');
  stdin.setRawMode?.(true);
  try {
    for await (const chunk of readAll(stdin, interrupted)) {
      for (const key of chunk) {
        if (key === '\r' || key === '\n' || key === CTRL_D) return line;
        if (key === CTRL_C) throw interruption();
        if (key === CTRL_U) line = '';
        else if (key === '\u007f' || key === '\b') line = line.slice(0, -1);
        else line += key;
      }
      if (line.length > MAX_INPUT_CHARS) throw tooMuch();
    }
    return line;
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write('\n');
  }
}

/** One line typed by hand, which the terminal shows, after a question. */
export async function readShown({ stdin, stderr, interrupted }: Terminal, request: string): Promise<string> {
  let text = '';
  stderr.write(request);
  stdin.setEncoding('utf8');
  try {
    for await (const chunk of readAll(stdin, interrupted)) {
      text += chunk;
      if (/[\r\n]/.test(text)) break;
      if (text.length > MAX_INPUT_CHARS) throw tooMuch();
    }
  } finally {
    stdin.pause();
  }
  return (text.split(/[\r\n]/)[0] ?? '').trim();
}

async function* readAll(stdin: Terminal['stdin'], signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const [chunk] of on(stdin, 'data', { signal, close: ['end', 'close'] })) yield chunk as string;
  } catch (error) {
    if (!signal.aborted)
      throw failure('cli.usage', `Standard input cannot be read: ${(error as Error).message}`, 'pipe in what was asked for');
    if (typeof signal.reason === 'string') throw interruption();
    throw failure('cli.usage', 'Standard input stayed open and said nothing', 'pipe in what was asked for, or give a longer --timeout');
  }
}
