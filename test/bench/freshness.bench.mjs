// How long it takes from the publishing of an event until its row is committed and someone who waits for it knows, one at a time.
import * as baselineAppends from './baseline-appends.mjs';
import * as baselineReader from './baseline-reader.mjs';
import { figure, inTurn, percentile } from './figures.mjs';
import * as ours from './ours.mjs';
import { payload } from './payload.mjs';

const SHARE = { 'freshness.p50_ms': 0.5, 'freshness.p99_ms': 0.99 };
const WARM_UP_SLICES = 3;
const SLICES = 40;
const SLICE_EVENTS = 100;
const ITEMS = 100;

async function openSide({ openAppends, openReader }, servers) {
  let reached = 0;
  let look = () => undefined;
  const onCommit = (position) => {
    reached = position;
    look();
  };
  const [appends, reader] = await Promise.all([openAppends(servers), openReader(servers, 'fresh', onCommit)]);
  await reader.start();
  const ends = new Map();
  let n = 0;
  const visible = (position) =>
    new Promise((resolve) => {
      look = () => void (reached >= position && resolve());
      look();
    });
  return {
    async measure() {
      const id = `fresh-${++n % ITEMS}`;
      const data = payload(id, n);
      const started = performance.now();
      const position = await appends.append(id, data, ends.get(id) ?? 0);
      await visible(position);
      ends.set(id, position);
      return performance.now() - started;
    },
    async close() {
      await reader.stop();
      await Promise.all([reader.close(), appends.close()]);
    },
  };
}

const slice = (side) => async () => {
  const times = [];
  while (times.length < SLICE_EVENTS) times.push(await side.measure());
  return times;
};

export async function* bench(servers, names) {
  const sides = await Promise.all([ours, { ...baselineAppends, ...baselineReader }].map((side) => openSide(side, servers)));
  const slices = sides.map(slice);
  await inTurn(WARM_UP_SLICES, ...slices);
  const times = await inTurn(SLICES, ...slices);
  for (const name of names) yield figure(name, 'ms', ...[times.ours, times.baseline].map((all) => percentile(all.flat(), SHARE[name])));
  for (const side of sides) await side.close();
}
