import { IsString } from 'class-validator';
import { DomainEvent, type EventClass, IsId, UnknownEvent, asId, assertShape, entryFor, readEvent } from '@app/kernel';
import { everyShape } from '@app/kernel/testing';
import type { PeerId } from '../../libs/federation/src/events/index.js';
import { allContexts, files } from '../contexts.js';
import { type Golden, goldenIn, released } from './golden-files.js';

const events = (await allContexts()).flatMap((context) => context.events);
const [stored, reads] = [goldenIn('events'), goldenIn('reads')];

/** One version of an event, held against what was released: its example as it was stored, and what it is read as today. */
function hold(event: EventClass, version: number, golden: { readonly stored: Golden; readonly reads: Golden }): void {
  const { shape, example } = everyShape(event).find((one) => one.version === version)!;
  const once = released(golden.stored, `${event.type}@${version}`, { stored: example }).stored;
  expect(example).toEqual(once); // The example of a written version may not change.
  assertShape<object>(shape, once); // Reading does not validate, so here is where every shape, old and
  const today = readEvent(event, version, once);
  assertShape<object>(event, today); // lifted, is held against its class.
  if (version === event.version) expect(today).toEqual(once);
  else expect(today).toEqual(released(golden.reads, `${event.type}@${version}-as-${event.version}`, today));
}

/**
 * `events/` holds what was stored: its files are added to, never edited. `reads/` holds what an old version is read as by a later one,
 * a file for each two of them: a new version adds files, and changes none.
 */
describe.each(events.map((event) => [event.type, event] as const))('%s', (_type, event) => {
  it.each(everyShape(event))('still reads what version $version wrote', ({ version }) => hold(event, version, { stored, reads }));

  it('does not guess at what a later version wrote', () => {
    expect(() => readEvent(event, event.version + 1, event.example)).toThrow(UnknownEvent);
  });
});

describe('a fact that changes its shape', () => {
  /** The first version of the fact as it is released. */
  class PeerLabelledV1 {
    static readonly example: PeerLabelledV1 = { peer_id: asId('peer-3f2a91bc04de77a1'), label: 'Lisbon, third hall' };
    static readonly toNext = (old: PeerLabelledV1): PeerLabelled => ({ ...old, note: '' });

    @IsId() readonly peer_id: PeerId;

    @IsString() readonly label: string;
  }
  @DomainEvent
  class PeerLabelled {
    static readonly kind = 'fact';
    static readonly type = 'federation.peer.labelled';
    static readonly version = 2;
    static readonly past = { 1: PeerLabelledV1 };
    static readonly example: PeerLabelled = { peer_id: asId('peer-3f2a91bc04de77a1'), label: 'Lisbon', note: 'moved' };
    static readonly streamId = (data: PeerLabelled): PeerId => data.peer_id;

    @IsId() readonly peer_id: PeerId;

    @IsString() readonly label: string;

    @IsString() readonly note: string;
  }

  /** The files of the product; what a change adds stays in memory. */
  let added: Map<string, object>;
  const over = (golden: Golden): Golden => ({
    read: (name) => golden.read(name) ?? added.get(name),
    add: (name, content) => void added.set(name, structuredClone(content)),
  });
  const golden = { stored: over(stored), reads: over(reads) };
  const holdAll = (event: EventClass): void => {
    for (const { version } of everyShape(event)) hold(event, version, golden);
  };
  beforeEach(() => void (added = new Map()));

  it('passes, and adds what its new version stores and what it reads the old one as', () => {
    holdAll(PeerLabelled);
    const { peer_id, label } = PeerLabelledV1.example;
    expect(Object.fromEntries(added)).toEqual({
      'federation.peer.labelled@1-as-2': { peer_id, label, note: '' },
      'federation.peer.labelled@2': { stored: PeerLabelled.example },
    });
    holdAll(PeerLabelled);
  });

  it('fails when the old shape is not what was stored', () => {
    class Edited extends PeerLabelledV1 {
      static override readonly example: PeerLabelledV1 = { ...PeerLabelledV1.example, label: 'Porto' };
    }
    const edited = Object.assign(class extends PeerLabelled {}, { past: { 1: Edited } });
    expect(() => holdAll(edited)).toThrow(/Porto/);
  });

  it('fails when the same version is later read as something else', () => {
    holdAll(PeerLabelled);
    class Other extends PeerLabelledV1 {
      static override readonly toNext = (old: PeerLabelledV1): PeerLabelled => ({ ...old, note: 'none' });
    }
    const other = Object.assign(class extends PeerLabelled {}, { past: { 1: Other } });
    expect(() => holdAll(other)).toThrow(/none/);
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
