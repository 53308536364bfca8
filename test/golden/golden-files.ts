import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What was once released, by name. */
export interface Golden {
  /** Undefined: no such file. */
  read(name: string): object | undefined;
  add(name: string, content: object): void;
}

export const goldenIn = (folder: string): Golden => {
  const fileOf = (name: string): string => join(import.meta.dirname, folder, `${name}.json`);
  return {
    read: (name) => (existsSync(fileOf(name)) ? (JSON.parse(readFileSync(fileOf(name), 'utf8')) as object) : undefined),
    add: (name, content) => {
      if (process.env['CI']) throw new Error(`commit ${fileOf(name)}`);
      mkdirSync(dirname(fileOf(name)), { recursive: true });
      writeFileSync(fileOf(name), `${JSON.stringify(content, null, 2)}\n`);
    },
  };
};

/** The content of a file, which is written the first time and never again. */
export function released<T extends object>(golden: Golden, name: string, today: T): T {
  if (golden.read(name) === undefined) golden.add(name, today);
  return golden.read(name) as T;
}
