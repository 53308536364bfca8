import { Logger } from '@nestjs/common';
import { DEFAULT_SIZES, EventStore, LogFull, setUpEventStore } from '@app/event-store';
import { MemoryMarks } from '@app/event-store/testing';
import { asId } from '@app/kernel';
import { type TestNats, startTestNats } from '@app/runtime/testing';
import { asked, ending } from '../../../testing/calls.js';
import { CallAbandoned, CallAborted, CallAccepted, CallCompleted, CallDenied, CallFailed } from '../events/index.js';
import type { PeerId } from '../../peers/events/index.js';
import { RuleLimits } from '../../proxy/runtime/rule-limits.js';
import type { CallAsked } from './call.js';
import { CallRecorder } from './call-recorder.provider.js';
import { budgetOf } from './write-budget.js';

/** The record of calls on real NATS, with room for little. */
const identity = { instance_id: 'inst-home', incarnation: '01JABC' };
const RULE = { rule_id: 'rule-1', rule_version: 1, limits: { calls_per_minute: 600, concurrent_calls: 64, body_bytes: 1024 ** 2 } };
const EVENTS = [CallAccepted, CallCompleted, CallFailed, CallAborted, CallAbandoned, CallDenied];

let nats: TestNats;
let store: EventStore;
let recorder: CallRecorder;
beforeAll(() => Logger.overrideLogger(false));
async function open(callsMaxBytes: number): Promise<void> {
  nats = await startTestNats();
  const [access, sizes, marks] = [{ ...nats.access, name: 'test' }, { ...DEFAULT_SIZES, callsMaxBytes }, new MemoryMarks()];
  await setUpEventStore(access, sizes, marks);
  store = await EventStore.open(access, EVENTS, sizes, marks);
  recorder = new CallRecorder(store.calls, identity);
}
afterEach(async () => {
  await recorder.onApplicationShutdown();
  await store.close();
  await nats.stop();
});
const of = (peer: string): CallAsked => ({ ...asked, direction: 'in', peer_id: asId<PeerId>(`peer-${peer}`), rule_id: RULE.rule_id });
const bytes = async (): Promise<number> => (await store.info('CALLS')).state.bytes;

it('a peer that calls 2,000 times a minute is refused beyond its share, and a second peer is not', async () => {
  await open(512 * 1024 ** 2);
  let nowMs = 0;
  const limits = new RuleLimits({ nowMs: () => nowMs, warn: () => undefined });
  const outcomes: Record<string, string[]> = { loud: [], calm: [] };
  const call = async (peer: string): Promise<void> => {
    const entered = recorder.isSpent(of(peer)) ? ({ full: 'budget' } as const) : limits.enter(`peer:peer-${peer}`, [RULE], 400);
    outcomes[peer]?.push('full' in entered ? entered.full : 'in');
    if ('full' in entered) return recorder.deny(of(peer), 'limit_reached');
    recorder.end(await recorder.accept(of(peer)), ending);
    entered.ended();
  };
  for (let n = 0; n < 2_000; n++) {
    nowMs = n * 30;
    await call('loud');
    if (n % 20 === 0) await call('calm');
  }
  const count = (peer: string, what: string): number => outcomes[peer]?.filter((outcome) => outcome === what).length ?? 0;
  expect(count('calm', 'in')).toBe(100);
  expect(count('loud', 'in')).toBeGreaterThanOrEqual(600);
  expect(count('loud', 'in')).toBeLessThanOrEqual(1_200); // What was saved up, and a minute.
  expect(count('loud', 'rate')).toBe(2_000 - count('loud', 'in'));
}, 60_000);

it('the record grows by the share of a day of each peer, refused calls included', async () => {
  await open(8 * 1024 ** 2);
  await recorder.accept(of('first')); // From now on the size is known.
  const before = await bytes();
  const budget = budgetOf(store.calls.filled);
  let accepted = 0;
  for (let n = 0; n < 2_000 && !recorder.isSpent(of('loud')); n++, accepted++) recorder.end(await recorder.accept(of('loud')), ending);
  for (let n = 0; n < 2_000; n++) recorder.deny(of('loud'), 'limit_reached');
  expect(recorder.isSpent(of('calm'))).toBe(false);
  await recorder.onApplicationShutdown();
  expect(accepted).toBeGreaterThan(20);
  expect((await bytes()) - before).toBeLessThan(budget + 10_000); // The last endings come after the count.
}, 60_000);

it('the last of the record is for how calls end: no call begins there', async () => {
  await open(100_000);
  const begun = [await recorder.accept(of('loud'))];
  let refused: unknown;
  while (refused === undefined)
    await recorder.accept(of('loud')).then(
      (call) => begun.push(call),
      (error: unknown) => (refused = error),
    );
  expect(refused).toBeInstanceOf(LogFull);
  expect(refused).toMatchObject({ code: 'event-store.reserve', message: expect.stringMatching(/^The record of calls is \d+ % full/) });
  const last = begun.slice(-2); // There is no room for the endings of all in so small a stream.
  for (const call of last) recorder.end(call, ending);
  await recorder.onApplicationShutdown();
  const { events } = await store.browser.browse({ stream: 'calls', type: CallCompleted.type, limit: 10 });
  expect(events.map(({ data }) => (data as CallCompleted).record_id).sort()).toEqual(last.map(({ record_id }) => record_id).sort());
});
