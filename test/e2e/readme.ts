import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const README = join(import.meta.dirname, '../../README.md');

/** A command of a transcript, as it would be pasted into a shell, and the text that is shown below it. */
export interface Command {
  readonly line: string;
  /** '' where the README shows nothing of what it prints. */
  readonly shown: string;
}

/** What a section of the README tells its reader to do, in order: to save a file under a name, or to run a command. */
export type Step = { readonly file: string; readonly text: string } | Command;

/** The steps between a heading and the next one. Throws where there is no such heading. */
export function stepsOf(heading: string): Step[] {
  const [, after] = readFileSync(README, 'utf8').split(`\n${heading}\n`);
  if (after === undefined) throw new Error(`README.md has no heading ${heading}`);
  const [section = ''] = after.split(/^#+ /m);
  return [...section.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].flatMap(([, language = '', text = '']): Step[] => {
    if (language === '') return commandsOf(text);
    const [, file] = /^\/\/ (\w+\.mjs): /.exec(text) ?? [];
    if (file === undefined) throw new Error(`the first line of a program names no file: ${text.split('\n')[0]}`);
    return [{ file, text }];
  });
}

/** A command begins with `$ ` and goes on after a backslash; all lines up to the next one are what it prints. */
const commandsOf = (transcript: string): Command[] =>
  transcript
    .split(/^\$ /m)
    .filter(Boolean)
    .map((text) => {
      const [, line = '', shown = ''] = /^((?:.*\\\n)*.*)\n?([^]*)$/.exec(text) ?? [];
      return { line, shown };
    });

/** Values that differ from run to run, and are used again where they were printed. */
const SAMPLE = /inst-[0-9a-z]{26}|(?:peer|rule)-[0-9a-f]{16}|(?<=\/i\/)[0-9a-f]{12}|cb_srv_[\w-]+\.\.\.|\b[0-9A-HJKMNP-TV-Z]{26}\b/g;
/** Values that differ from run to run, and are not used again: an ellipsis, moments and durations. */
const VARYING = /\s*\.\.\.\s*|\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ|\b\d+(?:\.\d+)? ?(?:ms|s)\b/g;
const VALUE = String.raw`[\w-]+`;

/** Puts the values of this run in the place of those that the README shows, as it learns them from what commands print. */
export class Learned {
  /** By the sample in the README. */
  private readonly values = new Map<string, string>();

  /** Throws where a value is used that no command has printed. */
  in(text: string): string {
    return text.replaceAll(SAMPLE, (sample) => {
      const value = this.values.get(sample);
      if (value === undefined) throw new Error(`README.md uses ${sample} before a command prints it: ${text}`);
      return value;
    });
  }

  /** Whether the output holds what is shown, whatever the width of its columns; if so, learns the values in it. */
  fits(shown: string, output: string): boolean {
    const unknown: string[] = [];
    const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/\s+/g, String.raw`\s+`);
    const fixed = (text: string): string =>
      replaced(text, VARYING, literal, (found) => (found.endsWith('s') ? String.raw`[\d.]+ ?m?s` : '[^]*?'));
    const pattern = replaced(shown.trim(), SAMPLE, fixed, (sample) => {
      const value = this.values.get(sample);
      if (value !== undefined) return literal(value);
      return unknown.push(sample) === 1 || !unknown.slice(0, -1).includes(sample) ? `(${VALUE})` : `(?:${VALUE})`;
    });
    const found = new RegExp(pattern).exec(output);
    if (found === null) return false;
    [...new Set(unknown)].forEach((sample, i) => this.values.set(sample, found[i + 1] ?? ''));
    return true;
  }
}

/** What `each` finds becomes `ofFound`, and the text between becomes `ofRest`. */
function replaced(text: string, each: RegExp, ofRest: (rest: string) => string, ofFound: (found: string) => string): string {
  let end = 0;
  let result = '';
  for (const { 0: found, index } of text.matchAll(each)) {
    result += ofRest(text.slice(end, index)) + ofFound(found);
    end = index + found.length;
  }
  return result + ofRest(text.slice(end));
}
