import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UnknownEvent, assertShape, entryFor, readEvent } from '@app/kernel';
import { everyShape } from '@app/kernel/testing';
import { allRooms, files } from '../rooms.js';

const events = (await allRooms()).flatMap((room) => room.events);

/** What is on disk was once stored: these files are added to, never edited. */
describe.each(events.map((event) => [event.type, event] as const))('%s', (type, event) => {
  it.each(everyShape(event))('still reads what version $version wrote', ({ version, shape, example }) => {
    const file = join(import.meta.dirname, 'events', `${type}@${version}.json`);
    if (!existsSync(file)) {
      if (process.env['CI']) throw new Error(`commit ${file}`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${JSON.stringify({ stored: example, reads: readEvent(event, version, example) }, null, 2)}\n`);
    }
    const golden = JSON.parse(readFileSync(file, 'utf8')) as { stored: object; reads: object };
    expect(example).toEqual(golden.stored); // The example of a written version may not change.
    expect(readEvent(event, version, golden.stored)).toEqual(golden.reads);
    assertShape<object>(shape, golden.stored); // Reading does not validate, so here is where every shape, old and
    assertShape<object>(event, golden.reads); //  lifted, is held against its class.
  });

  it('does not guess at what a later version wrote', () => {
    expect(() => readEvent(event, event.version + 1, event.example)).toThrow(UnknownEvent);
  });
});

it('every shape that was once written is still known', () => {
  const known = new Set(events.flatMap((event) => everyShape(event).map(({ version }) => `${event.type}@${version}`)));
  const written = files('test/golden/events/*.json').map((file) => file.slice('test/golden/events/'.length, -'.json'.length));
  expect(written.filter((shape) => !known.has(shape))).toEqual([]);
});

it('does not guess at a type nobody here knows', () => {
  expect(() => entryFor({}, { type: 'federation.peer.adorned', version: 1 })).toThrow(UnknownEvent);
});
