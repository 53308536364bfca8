import { Position } from '@app/kernel';
import { type Room, openRoom } from '../testing/machines.js';
import { RouteBook } from './live/route-book.provider.js';
import type { Route } from './read/route-directory/route-directory.view.js';
import type { RouteAccepted } from './write/add-route/add-route.view.js';

/** Routing rules on a real log, a real database and real HTTP. */
let room: Room;
beforeAll(async () => {
  room = await openRoom();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => room.close());

const add = async (rule: object): Promise<RouteAccepted> => {
  const { status, body } = await room.ask('POST', 'routes', rule);
  expect([status, body]).toEqual([202, body]);
  return body as RouteAccepted;
};
const list = async (after: string): Promise<Route[]> => ((await room.ask('GET', `routes?after=${after}`)).body as { data: Route[] }).data;
const test = async (more: object = {}): Promise<unknown> =>
  (await room.ask('POST', 'routes/test', { direction: 'out', peer_id: 'peer-lisbon', agent: 'planner', method: 'SendMessage', ...more }))
    .body;

/** The sequence of the fact that a position names. */
const factOf = (position: string): number => Position.parse(position).of('facts') ?? 0;

it('stand in one order for whoever lists them, tries them out or decides by them, as it was just written', async () => {
  expect(await test()).toMatchObject({ action: 'deny', rule_id: null });
  const all = await add({ direction: 'out', action: 'allow', note: 'all but some' });
  const some = await add({ direction: 'out', agent: 'planner', method_class: 'send', action: 'deny', before: all.rule_id });
  const into = await add({ direction: 'in', action: 'route', target_url: 'http://127.0.0.1:9000/planner', before: some.rule_id });
  const rules = await list(into.position);
  expect(rules).toMatchObject([
    {
      rule_id: into.rule_id,
      order: 1,
      action: 'route',
      target_url: 'http://127.0.0.1:9000/planner/',
      version: factOf(into.position),
    },
    { rule_id: some.rule_id, order: 2, agent: 'planner', method_class: 'send', version: factOf(some.position) },
    { rule_id: all.rule_id, order: 3, agent: null, note: 'all but some', added_by: 'anonymous' },
  ]);

  const book = new RouteBook(room.store.feed);
  await book.onApplicationBootstrap();
  const call = { direction: 'out', peer_id: 'peer-lisbon', agent: 'planner' } as const;
  expect(book.decide({ ...call, method_class: 'send' })).toMatchObject({ action: 'deny', rule_id: some.rule_id });
  expect(book.decide({ ...call, method_class: 'read' })).toMatchObject({ action: 'allow', rule_id: all.rule_id });
  expect(await test()).toMatchObject({ action: 'deny', rule_id: some.rule_id, rule_version: rules[1]?.version });

  const { status, body } = await room.ask('DELETE', `routes/${some.rule_id}`);
  expect(status).toBe(202);
  expect((await list((body as RouteAccepted).position)).map(({ rule_id, order }) => [rule_id, order])).toEqual([
    [into.rule_id, 1],
    [all.rule_id, 2],
  ]);
  expect(await test()).toMatchObject({ action: 'allow', rule_id: all.rule_id });
  while (book.decide({ ...call, method_class: 'send' }).rule_id !== all.rule_id) await new Promise((resolve) => setImmediate(resolve));
  book.onModuleDestroy();
});

it('are all there when several add at once', async () => {
  const added = await Promise.all(
    Array.from({ length: 3 }, async (_, n) => add({ direction: 'out', agent: `agent-${n}`, action: 'allow' })),
  );
  const last = `f${Math.max(...added.map(({ position }) => factOf(position)))}`;
  expect((await list(last)).map(({ rule_id }) => rule_id)).toEqual(expect.arrayContaining(added.map(({ rule_id }) => rule_id)));
});
