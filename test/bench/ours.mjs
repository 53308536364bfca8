// Our side of each comparison: from the build, which is what production runs, and with the same doors as the baseline.
import { randomUUID } from 'node:crypto';
import { IsInt, IsString } from 'class-validator';
import { built } from './built.mjs';

const { DEFAULT_SIZES, EventStore } = await built('event-store');
const { IsId, projectionOf } = await built('kernel');
const { PgLogMarks, Progress, Projector, poolOf } = await built('read-store');

/** A fact and a row as a context would declare them; without TypeScript a decorator is a function to call. */
class Measured {
  static kind = 'fact';
  static type = 'bench.thing.measured';
  static version = 1;
  static past = {};
  static example = { item_id: 'a', n: 1, note: '' };
  static streamId = (data) => data.item_id;
}
class Item {}
const fields = (of, rules) => Object.entries(rules).forEach(([name, decider]) => decider(of.prototype, name));
fields(Measured, { item_id: IsId(), n: IsInt(), note: IsString() });
fields(Item, { item_id: IsId(), total: IsInt(), times: IsInt(), note: IsString() });

/** Where events of things go. */
export const SUBJECTS = 'facts.bench.thing';

const open = (access, name, pool) => EventStore.open({ ...access, name: `bench ${name}` }, [Measured], DEFAULT_SIZES, new PgLogMarks(pool));

const appends = (store) => async (id, data, expected) => {
  const event = { type: Measured.type, version: Measured.version, subject: `${SUBJECTS}.${id}`, data };
  const appended = await store.appender.append({
    commandId: randomUUID(),
    actor: 'token:bench',
    at: new Date().toISOString(),
    events: [event],
    expected: new Map([[event.subject, expected]]),
  });
  if (appended.outcome !== 'committed' || appended.duplicate) throw new Error(`append: ${JSON.stringify(appended)}`);
  return appended.position;
};

export async function openAppends({ nats, databaseUrl }) {
  const pool = poolOf(databaseUrl, { name: 'bench', max: 2 });
  const store = await open(nats.app, 'appends', pool);
  const close = async () => {
    await store.close();
    await pool.end();
  };
  return { append: appends(store), close };
}

/** `poisoned`: the row at whose events the fold throws. */
const fold = (table, poisoned) =>
  projectionOf(Item)({
    table,
    version: 1,
    id: 'item_id',
    reads: [Measured],
    key: (event) => event.data.item_id,
    on: {
      'bench.thing.measured': (before, { data: { item_id, n, note } }) => {
        if (item_id === poisoned) throw new Error('poisoned');
        return { item_id, total: (before?.total ?? 0) + n, times: (before?.times ?? 0) + 1, note };
      },
    },
  });

/** `onCommit(position)` is called when a process that is not the projector hears that the rows up to there can be read. */
export async function openReader({ nats, databaseUrl }, table, onCommit, poisoned) {
  const pool = poolOf(databaseUrl, { name: 'bench', max: 20 });
  const [store, api] = await Promise.all([open(nats.app, 'projector', pool), open(nats.app, 'api', pool)]);
  const progress = new Progress(api.nc);
  progress.onChange((said) => said.table === table && onCommit(said.position));
  const say = (level, words) => poisoned === undefined && console.error(words);
  let projector;
  return {
    position: () => projector?.report().position ?? 0,
    parked: () => projector?.report().parked ?? 0,
    start() {
      projector = new Projector(fold(table, poisoned), store, pool, say);
      projector.start();
    },
    stop: () => projector.stop(),
    async close() {
      progress.stop();
      await Promise.all([store.close(), api.close()]);
      await pool.end();
    },
  };
}
