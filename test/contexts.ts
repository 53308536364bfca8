import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyFold, EventClass, RefusalCatalogue } from '@app/kernel';

export const root = join(import.meta.dirname, '..');
export const files = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort();
// Files of all contexts and of the modules of federation; `pattern` begins in the tree of one, such as `events/*.event.ts`.
export const inContexts = (pattern: string): string[] => files(`libs/*/src/{,*/}${pattern}`);
/** `libs/federation/src/...` is in federation. */
export const contextOf = (file: string): string => file.split('/')[1] ?? '';

/** What any `context.ts` holds, as far as tests of all contexts look. */
export interface Context {
  readonly name: string;
  readonly events: EventClass[];
  readonly refusals: RefusalCatalogue;
  readonly projections: readonly AnyFold[];
  readonly resources: readonly string[];
}

interface ContextFile extends Omit<Context, 'name' | 'events'> {
  readonly events: Readonly<Record<string, unknown>>;
}

/** Every context there is. A new one is under the same tests as soon as it has an endpoint. */
export async function allContexts(): Promise<Context[]> {
  const endpoints = files('libs/*/src/context.ts');
  return Promise.all(
    endpoints.map(async (file) => {
      const name = contextOf(file);
      const { [name]: app } = (await import(join(root, file))) as Record<string, ContextFile>;
      if (app === undefined) throw new Error(`${file} exports no ${name}`);
      return { ...app, name, events: Object.values(app.events).filter(isEvent) };
    }),
  );
}

/** What else `events/` exports has no type. */
const isEvent = (item: unknown): item is EventClass => typeof item === 'function' && 'type' in item;
