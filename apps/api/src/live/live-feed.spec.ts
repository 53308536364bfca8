import type { Announcement, Progress, ReadModels } from '@app/read-store';
import { type Frame, LiveFeed, type LiveSection } from './live-feed.js';

const section: LiveSection = {
  section: 'federation',
  models: [{ table: 'peer_directory', kind: 'projection' }],
  get: async (_reads, id) => {
    if (id === 'broken') throw new Error('PostgreSQL is gone');
    return {
      data: id === 'gone' ? null : { id },
      as_of: '2026-02-01T12:00:00.000Z',
      position: 'f9',
      lag_ms: 0,
      warnings: [],
    };
  },
};

let announce: (said: Announcement) => void;
let counted: number;
let feed: LiveFeed;
let sent: Frame[];

beforeEach(() => {
  counted = 0;
  sent = [];
  const progress = { onChange: (listener: typeof announce) => ((announce = listener), () => undefined) } as unknown as Progress;
  feed = new LiveFeed(progress, {} as ReadModels, [section], async () => ({ n: ++counted }));
  feed.frames.subscribe((frame) => sent.push(frame));
});
afterEach(() => feed.onModuleDestroy());

const say = (position: number, keys: string[] | null, table = 'peer_directory'): void =>
  announce({ table, stream: 'facts', position, pending: 0, lag_ms: 1, parked: 0, keys });
/** Until the status that ends what changed. */
const verdict = (): Promise<void> =>
  new Promise((resolve) => {
    const subscription = feed.frames.subscribe(({ event }) => {
      if (event !== 'verdict') return;
      subscription.unsubscribe();
      resolve();
    });
  });

it('reads each thing that changed once, then the status, which bears the position', async () => {
  const done = verdict();
  say(3, ['a']);
  say(4, ['a', 'gone']);
  await done;
  expect(sent).toEqual([
    { event: 'patch', data: { section: 'federation', id: 'a', position: 'f9', data: { id: 'a' } } },
    { event: 'patch', data: { section: 'federation', id: 'gone', position: 'f9', data: null } },
    { event: 'verdict', id: 'f4', data: { n: 1 } },
  ]);
});

it('says that everything is to be read again when there is too much to tell', async () => {
  const done = verdict();
  say(3, ['a']);
  say(4, null);
  say(5, ['b']);
  await done;
  expect(sent.map(({ event, data }) => [event, data])).toEqual([
    ['reset', { section: 'federation' }],
    ['verdict', { n: 1 }],
  ]);
});

it('says nothing when nothing changed, or what is on no page', () => {
  say(3, []);
  say(4, ['x'], 'token_directory');
  expect(feed.position).toBe('f0');
  expect(sent).toEqual([]);
});

it('resumes after the last whole change a reader saw, while that is remembered', async () => {
  for (const position of [3, 4]) {
    const done = verdict();
    say(position, [`p${position}`]);
    await done;
  }
  expect(feed.since('f4')).toEqual([]);
  expect(feed.since('f3')?.map(({ data }) => data)).toEqual([
    { section: 'federation', id: 'p4', position: 'f9', data: { id: 'p4' } },
    { n: 2 },
  ]);
  expect(feed.since('f2')).toBeUndefined();
});

it('sends twice rather than not at all when one position was said twice', async () => {
  for (const key of ['a', 'b']) {
    const done = verdict();
    say(3, [key]);
    await done;
  }
  expect(feed.since('f3')?.map(({ event }) => event)).toEqual(['patch', 'verdict']);
});

it('lets readers ask for themselves when it cannot read what changed', async () => {
  const reset = new Promise<void>((resolve) => feed.frames.subscribe(({ event }) => event === 'reset' && resolve()));
  say(3, ['broken']);
  await reset;
  expect(sent).toEqual([{ event: 'reset', data: { section: 'federation' } }]);
  expect(feed.position).toBe('f0');
});

it('has its own beginning', () => expect(feed.position).toBe('f0'));
