// How many facts a second are on the disk and known to be, each on a subject of its own, with an id and an exact expectation.
import { randomUUID } from 'node:crypto';
import * as baseline from './baseline-appends.mjs';
import { figure, inTurn, median, rate } from './figures.mjs';
import * as ours from './ours.mjs';
import { payload } from './payload.mjs';

const IN_FLIGHT = { 'append.single': 1, 'append.concurrent': 512 };
const SLICES = 20;
const WARM_UP_SLICES = 2;
const SLICE_MS = 400;

/** Something to append to each time: nobody has, so what is expected is nothing. */
const toNewItems = ({ append }) => {
  const run = randomUUID();
  let n = 0;
  return () => append(`${run}-${++n}`, payload(`${run}-${n}`, n), 0);
};

export async function* bench(servers, names) {
  const sides = await Promise.all([ours.openAppends(servers), baseline.openAppends(servers)]);
  for (const name of names) {
    const slices = sides.map(toNewItems).map((append) => () => rate(IN_FLIGHT[name], SLICE_MS, append));
    await inTurn(WARM_UP_SLICES, ...slices);
    const rates = await inTurn(SLICES, ...slices);
    yield figure(name, 'appends/s', median(rates.ours), median(rates.baseline));
  }
  for (const side of sides) await side.close();
}
