import { newEvent } from '@app/kernel';
import { about } from '../../../testing/index.js';
import { HeartbeatMissed } from '../events/index.js';
import { HeartbeatLog } from './heartbeat-log.provider.js';

const event = newEvent(HeartbeatMissed, { ...HeartbeatMissed.example, ...about });
const PEER = about.peer_id;

/** A log that answers when a test says so. */
function heartbeatLogOf() {
  const asked: PromiseWithResolvers<string>[] = [];
  const keep = (): Promise<string> => {
    const one = Promise.withResolvers<string>();
    asked.push(one);
    return one.promise;
  };
  return { heartbeatLog: new HeartbeatLog({ keep }), asked };
}

it('names the last sign of life each way, and the failures since the last answer', async () => {
  const { heartbeatLog: heartbeats, asked } = heartbeatLogOf();
  for (const [what, position] of [
    ['miss', 't1'],
    ['in', 't2'],
    ['out', 't3'],
    ['miss', 't4'],
    ['in', 't5'],
    ['miss', 't6'],
  ] as const) {
    heartbeats.keep(PEER, what, event);
    asked.at(-1)?.resolve(position);
    await heartbeats.evidence(PEER);
  }
  expect(await heartbeats.evidence(PEER)).toEqual(['t5', 't3', 't4', 't6']);
});

it('names five failures at most, the newest', async () => {
  const { heartbeatLog, asked } = heartbeatLogOf();
  for (let i = 1; i <= 9; i++) {
    heartbeatLog.keep(PEER, 'miss', event);
    asked.at(-1)?.resolve(`t${i}`);
    await heartbeatLog.evidence(PEER);
  }
  expect(await heartbeatLog.evidence(PEER)).toEqual(['t5', 't6', 't7', 't8', 't9']);
});

it('waits for what is on its way, and goes without what the log did not keep', async () => {
  const { heartbeatLog: heartbeats, asked } = heartbeatLogOf();
  heartbeats.keep(PEER, 'out', event);
  heartbeats.keep(PEER, 'miss', event);
  const evidence = heartbeats.evidence(PEER);
  asked[1]?.reject(new Error('the log does not answer'));
  asked[0]?.resolve('t1');
  expect(await evidence).toEqual(['t1']);
});

it('heaps nothing up for a log that is slow', () => {
  const { heartbeatLog: heartbeats, asked } = heartbeatLogOf();
  for (let i = 0; i < 100; i++) heartbeats.keep(PEER, 'out', event);
  expect(asked).toHaveLength(4);
});

it('knows nothing of a peer that was forgotten', async () => {
  const { heartbeatLog: heartbeats, asked } = heartbeatLogOf();
  heartbeats.keep(PEER, 'out', event);
  asked[0]?.resolve('t1');
  await heartbeats.evidence(PEER);
  heartbeats.forget(PEER);
  expect(await heartbeats.evidence(PEER)).toEqual([]);
});
