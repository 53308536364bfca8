import { RttTracker } from './rtt-tracker.js';

const rtt = (): { one: RttTracker; sent: string[] } => {
  const sent: string[] = [];
  return { one: new RttTracker((payload) => void sent.push(payload)), sent };
};
const answer = (one: RttTracker, payload: string | undefined, nowMs: number): void => one.pong(Buffer.from(payload ?? ''), nowMs);

it('measures the way there and back', () => {
  const { one, sent } = rtt();
  expect(one.rttMs).toBeNull();
  one.beat(100);
  answer(one, sent[0], 130);
  expect([one.rttMs, one.pongs]).toEqual([30, [true]]);
});

it('counts a ping as missed when the next one goes out first, and takes no late answer for one', () => {
  const { one, sent } = rtt();
  one.beat(0);
  one.beat(20_000);
  answer(one, sent[0], 20_001);
  expect([one.pongs, one.rttMs]).toEqual([[false], null]);
  answer(one, sent[1], 20_005);
  expect([one.pongs, one.rttMs]).toEqual([[false, true], 5]);
});

it('takes no answer twice, and none it did not ask for', () => {
  const { one, sent } = rtt();
  one.beat(0);
  answer(one, sent[0], 5);
  answer(one, sent[0], 9);
  answer(one, 'x', 9);
  expect([one.pongs, one.rttsMs]).toEqual([[true], [5]]);
});

it('remembers a bounded amount', () => {
  const { one, sent } = rtt();
  for (let i = 0; i < 100; i++) {
    one.beat(i * 100);
    answer(one, sent.at(-1), i * 100 + i);
    one.heartbeat(0, 0);
  }
  expect([one.rttsMs.length, one.pongs.length, one.rttMs]).toEqual([20, 5, 99]);
});

it('believes the clock of the fastest round trip', () => {
  const { one, sent } = rtt();
  one.heartbeat(5_000, 0);
  expect(one.offsetMs).toBeNull(); // Without a round trip it would be a guess.
  for (const [rttMs, offsetMs] of [
    [400, 900],
    [10, 1_000],
    [300, 1_140],
  ] as const) {
    one.beat(0);
    answer(one, sent.at(-1), rttMs);
    one.heartbeat(10_000 + offsetMs - rttMs / 2, 10_000);
  }
  expect(one.offsetMs).toBe(1_000);
});

it('answers who asked, and whoever asks in vain', async () => {
  const { one, sent } = rtt();
  const asked = one.ask(0);
  const inVain = one.ask(0);
  answer(one, sent[0], 7);
  one.stop();
  expect([await asked, await inVain]).toEqual([7, null]);
  for (let i = 0; i < 8; i++) void one.ask(0);
  expect(await one.ask(0)).toBeNull();
});
