import { RefusalLimit } from './refusal-limit.js';

const said: string[] = [];
const pauses: { ms: number; then: () => void }[] = [];
let limit: RefusalLimit;
beforeEach(() => {
  said.length = pauses.length = 0;
  limit = new RefusalLimit({
    warn: (sentence) => void said.push(sentence),
    after: (ms, then) => {
      const pause = { ms, then };
      pauses.push(pause);
      return () => void pauses.splice(pauses.indexOf(pause), 1);
    },
  });
});
const admitted = (peerId: string, times: number, nowMs: number): number =>
  Array.from({ length: times }, () => limit.admits(peerId, nowMs)).filter(Boolean).length;

it('takes a burst of each peer, and then so many a second', () => {
  expect([admitted('peer-a', 3_000, 0), admitted('peer-b', 1, 0)]).toEqual([100, 1]);
  expect(admitted('peer-a', 3_000, 1_000)).toBe(20);
});

it('says what is left out in one line a peer and minute', () => {
  admitted('peer-a', 103, 0);
  limit.leaveOut('peer-b');
  expect([said, pauses.map(({ ms }) => ms)]).toEqual([[], [60_000]]);
  pauses[0]?.then();
  expect(said).toEqual([expect.stringMatching(/^3 refused calls of peer-a /), expect.stringMatching(/^1 refused calls of peer-b /)]);
  expect(pauses).toEqual([]);
  limit.leaveOut('peer-a');
  expect(pauses).toHaveLength(1);
});

it('says it at the end too, once', () => {
  limit.leaveOut('peer-a');
  limit.say();
  limit.say();
  expect([said.length, pauses]).toEqual([1, []]);
});
