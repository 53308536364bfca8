import type { Answer, Problem, Warning } from './contract.js';
import type { Globals } from './globals.js';
import type { Terminal } from './terminal.js';
import { json, plain } from './view/plain.js';
import { asCalled } from './view/called.js';
import { type Canvas, colourless, inColour } from './view/table.js';

/** Data goes to stdout, words go to stderr. With `-o json` stdout is one document and stderr nothing, or one problem. */
export class Output {
  private readonly held: Warning[] = [];
  readonly canvas: Canvas;

  constructor(
    private readonly terminal: Terminal,
    private readonly globals: Pick<Globals, 'output' | 'quiet' | 'color'>,
  ) {
    const { env, stdout } = terminal;
    const colours = stdout.isTTY === true && globals.color && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
    this.canvas = { paint: colours ? inColour : colourless, columns: stdout.isTTY === true ? stdout.columns || undefined : undefined };
  }

  /** The answer of the command: a document of `schema`, or lines for a reader. */
  data<T>(schema: string, { as_of, position, lag_ms, data, next_cursor, warnings }: Answer<T>, lines: (canvas: Canvas) => string[]): void {
    if (this.globals.output === 'json') {
      const all = [...warnings, ...this.held];
      this.print([json({ schema, as_of, position, lag_ms, data, next_cursor, warnings: all }, 2)]);
    } else {
      this.print(lines(this.canvas));
      for (const { code, detail } of warnings) this.say(`warning: ${detail} (${code})`);
    }
  }

  /** Lines for a reader before the answer is complete; nothing with `-o json`. */
  lines(lines: (canvas: Canvas) => string[]): void {
    if (this.globals.output === 'table') this.print(lines(this.canvas));
  }

  /** What helps a reader on, and no program needs. */
  hint(text: string): void {
    if (this.globals.output === 'table' && !this.globals.quiet) this.say(asCalled(text, this.terminal.env));
  }

  /** What makes the answer less than it seems. */
  warn(code: string, detail: string): void {
    if (this.globals.output === 'json') this.held.push({ code, detail });
    else this.say(`warning: ${detail} (${code})`);
  }

  /** The words before an answer that is typed in. Not a hint: without it nobody knows what is waited for. */
  prompt(text: string): void {
    this.terminal.stderr.write(text);
  }

  problem({ type, title, status, code, detail, next: advice, facts, errors }: Problem): void {
    const next = asCalled(advice, this.terminal.env);
    if (this.globals.output === 'json') return this.say(json({ type, title, status, code, detail, next, facts, errors }));
    this.say(`ap: ${detail.replace(/\.$/, '')} (${code})`);
    for (const { field, message } of errors ?? []) this.say(`  ${field}: ${message}`);
    this.say(`next: ${next}`);
  }

  private print(lines: readonly string[]): void {
    if (lines.length > 0) this.terminal.stdout.write(`${lines.join('\n')}\n`);
  }

  private say(line: string): void {
    this.terminal.stderr.write(`${plain(line)}\n`);
  }
}
