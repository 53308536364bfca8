// What one parked row costs all others: CPU of an event among 10,000 rows, one of them poisoned, against none.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { figure, inTurn, median } from './figures.mjs';
import * as ours from './ours.mjs';

const SLICES = 10;
const SLICE_EVENTS = 20_000;
const ROWS = 10_000;
const LOOK_MS = 2;

const reaches = async (reader, position) => {
  while (reader.position() < position) await delay(LOOK_MS);
};

/**
 * Microseconds of this process' CPU for each event of a slice that stands in the stream already: nothing else runs meanwhile. A
 * reader opens its tables before the clock runs, and ends at the position where the slice does.
 */
const slice = async (reader, fillTo) => {
  const from = reader.position();
  const end = await fillTo(from + SLICE_EVENTS);
  await reader.start();
  await reaches(reader, from + 1);
  const [first, begun] = [reader.position(), process.cpuUsage()];
  await reaches(reader, end);
  const { user, system } = process.cpuUsage(begun);
  await reader.stop();
  return (user + system) / (end - first);
};

export async function* bench({ nats, databaseUrl }) {
  const open = (table, poisoned) => ours.openReader({ nats, databaseUrl }, table, () => undefined, poisoned);
  const [poisoned, sound] = await Promise.all([open('poisoned', 't7'), open('sound')]);
  const thread = new Worker(new URL('./filler.mjs', import.meta.url), {
    workerData: { access: nats.app, subjects: ours.SUBJECTS, items: ROWS },
  });
  const fillTo = async (position) => {
    thread.postMessage(position);
    const [end] = await once(thread, 'message');
    return end;
  };
  for (const reader of [poisoned, sound]) await slice(reader, fillTo); // Loads the rows, and lets the compiler see the code.
  const cpu = await inTurn(SLICES, ...[poisoned, sound].map((reader) => () => slice(reader, fillTo)));
  if (poisoned.parked() !== 1 || sound.parked() !== 0) throw new Error('the poisoned row is not the one that is parked');
  yield figure('projection.parked_cpu_us', 'µs', median(cpu.ours), median(cpu.baseline));
  await thread.terminate();
  for (const reader of [poisoned, sound]) await reader.close();
}
