import { FactFeed, type Recorded } from '@app/event-store';
import { newEvent } from '@app/kernel';
import { stored } from '@app/kernel/testing';
import { RouteAdded, RouteRemoved } from '../events/index.js';
import type { CallToRoute } from '../routing.js';
import { RouteBook } from './route-book.provider.js';

/** A feed that a test speaks through. */
class FakeFeed extends FactFeed {
  kinds: readonly string[] = [];
  signal: AbortSignal | undefined;
  hear: (fact: Recorded) => void = () => undefined;
  readonly caughtUp = Promise.withResolvers<void>();

  watch(kinds: readonly string[], hear: (fact: Recorded) => void, signal: AbortSignal): Promise<void> {
    Object.assign(this, { kinds, hear, signal });
    return this.caughtUp.promise;
  }
}
let position = 0;
const fact = (event: Parameters<typeof stored>[0]): Recorded => ({ ...stored(event, ++position), correlation_id: '', causation_id: '' });
const allow = (rule_id: string, more: Partial<RouteAdded> = {}) =>
  fact(
    newEvent(RouteAdded, {
      ...RouteAdded.example,
      rule_id,
      before: null,
      direction: 'out',
      peer_id: null,
      agent: null,
      method_class: null,
      action: 'allow',
      target_url: null,
      ...more,
    }),
  );
const remove = (rule_id: string) => fact(newEvent(RouteRemoved, { route_table: 'main', rule_id }));
const call: CallToRoute = { direction: 'out', peer_id: 'peer-lisbon', agent: 'planner', method_class: 'send' };

let feed: FakeFeed;
let book: RouteBook;
let started: Promise<void>;
beforeEach(() => {
  position = 0;
  feed = new FakeFeed();
  book = new RouteBook(feed);
  started = book.onApplicationBootstrap();
});
const caughtUp = async (): Promise<void> => {
  feed.caughtUp.resolve();
  await started;
};

it('follows the rules as they change', async () => {
  feed.hear(allow('rule-1'));
  await caughtUp();
  expect(feed.kinds).toEqual(['federation.route']);
  expect(book.decide(call)).toEqual({ action: 'allow', rule_id: 'rule-1', rule_version: 1, target_url: null });
  feed.hear(allow('rule-2', { action: 'deny', before: 'rule-1' }));
  expect(book.decide(call)).toMatchObject({ action: 'deny', rule_id: 'rule-2', rule_version: 2 });
  feed.hear(remove('rule-2'));
  feed.hear(remove('rule-1'));
  expect(book.decide(call)).toMatchObject({ action: 'deny', rule_id: null });
});

it('denies all until it has heard the whole table: what it heard may have been removed since', async () => {
  feed.hear(allow('rule-1'));
  expect(book.decide(call)).toMatchObject({ action: 'deny', rule_id: null });
  feed.hear(remove('rule-1'));
  await caughtUp();
  expect(book.decide(call)).toMatchObject({ action: 'deny', rule_id: null });
});

it('tells of each change, when it is made, until nobody listens', async () => {
  await caughtUp();
  const heard: (string | null)[] = [];
  const end = book.onChange(() => heard.push(book.decide(call).rule_id));
  feed.hear(allow('rule-1'));
  feed.hear(remove('rule-1'));
  end();
  feed.hear(allow('rule-2'));
  expect(heard).toEqual(['rule-1', null]);
});

it('hears no more when it ends', () => {
  expect(feed.signal?.aborted).toBe(false);
  book.onModuleDestroy();
  expect(feed.signal?.aborted).toBe(true);
});
