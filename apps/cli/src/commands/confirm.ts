import type { Context } from '../context.js';
import { failure } from '../failure.js';
import { readShown } from '../input.js';

interface Irrevocable {
  /** `Removing`, `Revoking` */
  readonly does: string;
  /** `peer`, `edge agent` */
  readonly one: string;
  readonly label: string;
  readonly id: string;
  /** The command line that needs no question. */
  readonly again: string;
}

/** Goes on only for who gives the name of what will be gone, as an option or, in a terminal, when asked. Throws `cli.not-confirmed`. */
export async function requireName(
  context: Context,
  confirm: string | undefined,
  { does, one, label, id, again }: Irrevocable,
): Promise<void> {
  const { terminal } = context;
  const given =
    confirm ?? (terminal.stdin.isTTY ? await readShown(terminal, `${does} ${label} cannot be undone. Type its name to go on: `) : '');
  if (given === id || given === label) return;
  const sentence = given === '' ? `${does} ${label} needs your word` : `${given} is not the ${one} ${label}`;
  throw failure('cli.not-confirmed', sentence, `if it is meant: ${again} --confirm=${id}`);
}
