import { Position } from '@app/kernel';
import { SealBroken } from '@app/config';
import { type TestContext, openContext } from '../../testing/machines.js';
import { RoutingTable } from './runtime/routing-table.provider.js';
import type { Route } from './read/route-directory/route-directory.view.js';
import { RouteCredentials } from './private/route-credentials.provider.js';
import type { RouteAccepted } from './write/add-route/add-route.view.js';

/** Routing rules on a real log, a real database and real HTTP. */
let context: TestContext;
beforeAll(async () => {
  context = await openContext();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => context.close());

const add = async (rule: object): Promise<RouteAccepted> => {
  const { status, body } = await context.ask('POST', 'routes', rule);
  expect([status, body]).toEqual([202, body]);
  return body as RouteAccepted;
};
/** The projector may be behind on a busy machine: asked again until it answers; the deadline is that of the test. */
const list = async (after: string): Promise<Route[]> => {
  for (;;) {
    const { status, body } = await context.ask('GET', `routes?after=${after}`);
    if (status !== 503) return (body as { data: Route[] }).data;
  }
};
const test = async (more: object = {}): Promise<unknown> =>
  (await context.ask('POST', 'routes/test', { direction: 'out', peer_id: 'peer-lisbon', agent: 'planner', method: 'SendMessage', ...more }))
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

  const table = new RoutingTable(context.store.subscription);
  await table.onApplicationBootstrap();
  const call = { direction: 'out', peer_id: 'peer-lisbon', agent: 'planner' } as const;
  expect(table.decide({ ...call, method_class: 'send' })).toMatchObject({ action: 'deny', rule_id: some.rule_id });
  expect(table.decide({ ...call, method_class: 'read' })).toMatchObject({ action: 'allow', rule_id: all.rule_id });
  expect(await test()).toMatchObject({ action: 'deny', rule_id: some.rule_id, rule_version: rules[1]?.version });

  const { status, body } = await context.ask('DELETE', `routes/${some.rule_id}`);
  expect(status).toBe(202);
  expect((await list((body as RouteAccepted).position)).map(({ rule_id, order }) => [rule_id, order])).toEqual([
    [into.rule_id, 1],
    [all.rule_id, 2],
  ]);
  expect(await test()).toMatchObject({ action: 'allow', rule_id: all.rule_id });
  while (table.decide({ ...call, method_class: 'send' }).rule_id !== all.rule_id) await new Promise((resolve) => setImmediate(resolve));
  table.onModuleDestroy();
});

it('are all there when several add at once', async () => {
  const added = await Promise.all(
    Array.from({ length: 3 }, async (_, n) => add({ direction: 'out', agent: `agent-${n}`, action: 'allow' })),
  );
  const last = `f${Math.max(...added.map(({ position }) => factOf(position)))}`;
  expect((await list(last)).map(({ rule_id }) => rule_id)).toEqual(expect.arrayContaining(added.map(({ rule_id }) => rule_id)));
});

describe('the credential of a rule', () => {
  const VALUE = 'Bearer cb-agent-on-machines';
  const rows = (): Promise<{ credential_id: string; sealed: string }[]> =>
    context.db.query('SELECT credential_id, sealed FROM private.route_credential ORDER BY created_at');
  const into = (more: object) => add({ direction: 'in', action: 'route', target_url: 'http://127.0.0.1:9000/', ...more });
  const vault = (): RouteCredentials => new RouteCredentials(context.db, context.box);

  it('is in one row, sealed, and nowhere else; it opens for the origin of its target alone', async () => {
    const { position, rule_id } = await into({ credential: { value: VALUE } });
    const rule = (await list(position)).find((one) => one.rule_id === rule_id);
    const [row] = await rows();
    expect(rule?.credential).toMatchObject({ credential_id: row?.credential_id, header: 'Authorization', version: 1 });
    expect(JSON.stringify([rule, row, await context.db.query('SELECT * FROM read.route_directory')])).not.toContain('cb-agent');
    expect(context.logCapture.text).not.toContain('cb-agent');
    const id = row?.credential_id ?? '';
    expect(await vault().reveal(id, 'http://localhost:9000/other/')).toBe(VALUE);
    for (const target of ['http://127.0.0.1:9001/', 'https://127.0.0.1:9000/', 'https://agents.example/'])
      await expect(vault().reveal(id, target)).rejects.toThrow(SealBroken);
    expect((await context.ask('DELETE', `routes/${rule_id}`)).status).toBe(202);
    expect(await rows()).toEqual([]);
  });

  it('is replaced by an edit, and each version of the rule names its own', async () => {
    const first = await into({ credential: { value: VALUE } });
    const { status, body } = await context.ask('PATCH', `routes/${first.rule_id}`, {
      credential: { value: `${VALUE}-2` },
      classes: ['send'],
    });
    expect(status).toBe(202);
    const { position } = body as RouteAccepted;
    const rule = (await list(position)).find(({ rule_id }) => rule_id === first.rule_id);
    const [row, ...others] = await rows();
    expect(others).toEqual([]);
    expect(rule).toMatchObject({
      version: factOf(position),
      classes: ['send'],
      credential: { credential_id: row?.credential_id, version: 2 },
    });
    expect(await vault().reveal(row?.credential_id ?? '', 'http://127.0.0.1:9000/')).toBe(`${VALUE}-2`);
  });
});

it('is moved, and stands there for whoever lists the rules', async () => {
  const [first, last] = [await add({ direction: 'out', action: 'allow' }), await add({ direction: 'out', action: 'allow' })];
  const { body } = await context.ask('POST', `routes/${last.rule_id}/move`, { before: first.rule_id });
  const ids = (await list((body as RouteAccepted).position)).map(({ rule_id }) => rule_id);
  expect(ids.indexOf(first.rule_id) - ids.indexOf(last.rule_id)).toBe(1);
});
