import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyFold, EventClass, RefusalCatalogue } from '@app/kernel';

export const root = join(import.meta.dirname, '..');
export const files = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort();
// Files of all contexts and of the modules of federation; `pattern` begins in the tree of one, such as `events/*.event.ts`.
export const inContexts = (pattern: string): string[] => files(`libs/*/src/{,*/}${pattern}`);
/** `libs/federation/src/...` is in federation. */
export const roomOf = (file: string): string => file.split('/')[1] ?? '';

/** What any `context.ts` holds, as far as tests of all rooms look. */
export interface Room {
  readonly name: string;
  readonly events: EventClass[];
  readonly refusals: RefusalCatalogue;
  readonly projections: readonly AnyFold[];
  readonly resources: readonly string[];
}

interface Door extends Omit<Room, 'name' | 'events'> {
  readonly events: Readonly<Record<string, unknown>>;
}

/** Every room there is. A new one is under the same tests as soon as it has a door. */
export async function allRooms(): Promise<Room[]> {
  const doors = files('libs/*/src/context.ts');
  return Promise.all(
    doors.map(async (file) => {
      const name = roomOf(file);
      const { [name]: door } = (await import(join(root, file))) as Record<string, Door>;
      if (door === undefined) throw new Error(`${file} exports no ${name}`);
      return { ...door, name, events: Object.values(door.events).filter(isEvent) };
    }),
  );
}

/** What else `events/` exports has no type. */
const isEvent = (thing: unknown): thing is EventClass => typeof thing === 'function' && 'type' in thing;
