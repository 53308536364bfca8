// How many events a second get from a stream that is being filled into committed rows.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { SUBJECTS } from './baseline-appends.mjs';
import * as baseline from './baseline-reader.mjs';
import { figure, inTurn, median } from './figures.mjs';
import * as ours from './ours.mjs';

const SLICES = 10;
const SLICE_EVENTS = 25_000;
const LOOK_MS = 2;

/** `fillTo` resolves when the stream ends at `position` or later, and answers where. */
const filler = (nats, subjects) => {
  const thread = new Worker(new URL('./filler.mjs', import.meta.url), { workerData: { access: nats.app, subjects } });
  return {
    async fillTo(position) {
      thread.postMessage(position);
      const [end] = await once(thread, 'message');
      return end;
    },
    close: () => thread.terminate(),
  };
};

const reaches = async (reader, position) => {
  while (reader.position() < position) await delay(LOOK_MS);
};

/** Reads whatever is there, so that a slice reads its own events only. */
const warmUp = async (reader, stream) => {
  const end = await stream.fillTo(SLICE_EVENTS);
  await reader.start();
  await reaches(reader, end);
  await reader.stop();
};

/**
 * A reader is faster than a stream can be filled, and would soon measure the filling. So the stream has a slice of head start
 * when the reader starts, and the filling goes on beside it. The clock runs from the first commit: before it the reader connects
 * and loads rows, which it does once in its life.
 */
const slice = async (reader, stream) => {
  const from = reader.position();
  await stream.fillTo(from + SLICE_EVENTS);
  const filling = stream.fillTo(from + 2 * SLICE_EVENTS);
  await reader.start();
  await reaches(reader, from + 1);
  const first = { position: reader.position(), at: performance.now() };
  await reaches(reader, from + SLICE_EVENTS);
  const last = { position: reader.position(), at: performance.now() };
  await reader.stop();
  await filling;
  return ((last.position - first.position) * 1_000) / (last.at - first.at);
};

export async function* bench({ nats, databaseUrl }) {
  const readers = await Promise.all([ours, baseline].map(({ openReader }) => openReader({ nats, databaseUrl }, 'live', () => undefined)));
  const fillers = [ours.SUBJECTS, SUBJECTS].map((subjects) => filler(nats, subjects));
  for (const [side, reader] of readers.entries()) await warmUp(reader, fillers[side]);
  const rates = await inTurn(SLICES, ...readers.map((reader, side) => () => slice(reader, fillers[side])));
  yield figure('projection.live', 'events/s', median(rates.ours), median(rates.baseline));
  for (const part of [...readers, ...fillers]) await part.close();
}
