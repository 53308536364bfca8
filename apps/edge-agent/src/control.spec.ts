import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Place, type RunningStatus, type Wish, ask } from './control.js';

let dir: string;
let path: string;
const places: Place[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'edge-agent-'));
  path = join(dir, 'run');
});
afterEach(async () => {
  await Promise.all(places.splice(0).map((place) => place.release()));
  rmSync(dir, { recursive: true, force: true });
});

const running = { pid: 7 } as RunningStatus;
async function take(): Promise<Place> {
  const place = await Place.take(path);
  places.push(place);
  return place;
}
/** What a process that is killed leaves: the socket, and nobody behind it. */
function killed(): void {
  const dies = `const path = ${JSON.stringify(path)};
    require('node:fs').mkdirSync(path, { recursive: true });
    require('node:net').createServer().listen(path + '/dead', () => process.kill(process.pid, 'SIGKILL'));`;
  expect(spawnSync(process.execPath, ['-e', dies]).signal).toBe('SIGKILL');
}

it.each([
  ['free', () => undefined],
  ['that of a process which was killed', killed],
])('lets one in of all who come at once, where the place is %s', async (_what, before) => {
  before();
  const all = await Promise.allSettled(Array.from({ length: 8 }, take));
  const reasons = all.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code?: string }).code] : []));
  expect(reasons).toEqual(Array.from({ length: 7 }, () => 'agent.runs-already'));
  expect(readdirSync(dir)).toEqual(['run']);
});

it('is free again when it was left, and nothing remains of it', async () => {
  const first = await take();
  await first.release();
  expect(readdirSync(dir)).toEqual([]);
  expect(await ask(path, 'status')).toBeNull();
  await take();
});

it('is not taken from another by who leaves late', async () => {
  const first = await take();
  rmSync(path, { recursive: true }); // As `leave` removes all there is.
  const second = await take();
  second.answer = () => running;
  await first.release();
  expect(await ask(path, 'status')).toEqual(running);
});

it('has wishes heard by who holds it, and by no process that only has its number', async () => {
  const wishes: Wish[] = [];
  const place = await take();
  expect(await ask(path, 'status')).toBeNull();
  place.answer = (wish) => {
    wishes.push(wish);
    return running;
  };
  for (const wish of ['restart', 'stop', 'status'] as const) expect(await ask(path, wish)).toEqual(running);
  expect(wishes).toEqual(['restart', 'stop', 'status']);
});

it('is left at once, whoever still asks', async () => {
  const place = await take();
  const asked = Promise.withResolvers<void>();
  place.answer = () => {
    asked.resolve();
    return null;
  };
  const asking = ask(path, 'stop');
  await asked.promise;
  await place.release();
  expect(await asking).toBeNull();
});
