import { Logger } from '@nestjs/common';
import { LogUnavailable } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { asId, assertShape } from '@app/kernel';
import { asked, ending } from '../../../testing/calls.js';
import { CallAborted, CallAccepted, CallCompleted, CallDenied, CallFailed } from '../events/index.js';
import type { PeerId } from '../../peers/events/index.js';
import type { CallAsked } from './call.js';
import { CallRecorder } from './call-recorder.provider.js';

const identity = { instance_id: 'inst-home', incarnation: '01JABC' };
let log: MemoryLog;
let recorder: CallRecorder;
const warned: string[] = [];

beforeAll(() => {
  Logger.overrideLogger({ log: () => undefined, error: (said) => void warned.push(said), warn: (said) => void warned.push(said) });
});
beforeEach(() => {
  warned.length = 0;
  log = new MemoryLog();
  recorder = new CallRecorder(log.calls, identity);
});
afterEach(() => recorder.onApplicationShutdown());
const settled = () => recorder.onApplicationShutdown();
const types = (): string[] => log.records.map(({ type }) => type);

it('resolves when it is on record that a call is let through', async () => {
  const call = await recorder.accept(asked);
  const { actor, ...said } = asked;
  const [record] = log.records;
  expect(record).toMatchObject({
    type: 'federation.call.accepted',
    subject: 'calls.federation.call.peer-lisbon',
    actor,
    data: { ...said, record_id: call.record_id, boot_id: recorder.bootId },
  });
  assertShape(CallAccepted, record?.data);
});

it('says of a call in that its peer asked for it, whatever the proxy says', async () => {
  const call = await recorder.accept({ ...asked, direction: 'in' });
  recorder.end(call, ending);
  await settled();
  expect(log.records.map(({ actor }) => actor)).toEqual(['peer:peer-lisbon', 'peer:peer-lisbon']);
});

it('puts each ending on the record it belongs to', async () => {
  const call = await recorder.accept(asked);
  const { outcome: _, ...measured } = ending;
  recorder.end(call, ending);
  recorder.end(call, { ...measured, outcome: 'failed', reason: 'rpc_error', http_status: 200, rpc_error_code: -32001 });
  recorder.end(call, { ...measured, outcome: 'aborted', reason: 'caller_gone', http_status: null });
  await settled();
  const [, completed, failed, aborted] = log.records;
  expect(types().slice(1)).toEqual(['federation.call.completed', 'federation.call.failed', 'federation.call.aborted']);
  assertShape(CallCompleted, completed?.data);
  assertShape(CallFailed, failed?.data);
  assertShape(CallAborted, aborted?.data);
  for (const { data } of log.records) expect(data).toMatchObject({ record_id: call.record_id, call_id: 'call-1', peer_id: 'peer-lisbon' });
});

it('puts on record what was not let through, and why', async () => {
  recorder.deny({ ...asked, rule_id: null, rule_version: null }, 'no_rule');
  await settled();
  expect(log.records).toMatchObject([{ type: 'federation.call.denied', data: { reason: 'no_rule', rule_id: null } }]);
  assertShape(CallDenied, log.records[0]?.data);
});

it('gives what it says an id by which the log knows it again, and no two things the same', async () => {
  const [one, two] = [await recorder.accept(asked), await recorder.accept(asked)]; // A peer may use a call id twice: it is another call.
  recorder.end(one, ending);
  recorder.end(two, ending);
  recorder.end(two, ending);
  await settled();
  expect(types().toSorted()).toEqual([...Array(2).fill('federation.call.accepted'), ...Array(2).fill('federation.call.completed')]);
  expect(log.records.map(({ data }) => (data as CallAccepted).record_id)).toEqual([one, two, one, two].map(({ record_id }) => record_id));
});

it('refuses a call when the log does not take it, and ends what may have been kept all the same', async () => {
  log.isDown = true;
  await expect(recorder.accept(asked)).rejects.toBeInstanceOf(LogUnavailable);
  log.isDown = false;
  await settled();
  expect(log.records).toMatchObject([{ type: 'federation.call.aborted', data: { reason: 'log_unavailable', call_id: 'call-1' } }]);
});

it('says of a log that is full that it is unavailable', async () => {
  log.calls.record = () => Promise.reject(new Error('maximum bytes exceeded'));
  await expect(recorder.accept(asked)).rejects.toBeInstanceOf(LogUnavailable);
});

it('never throws at an ending, and keeps it until the log is back', async () => {
  const call = await recorder.accept(asked);
  log.isDown = true;
  recorder.end(call, ending);
  recorder.deny(asked, 'loop');
  await new Promise((resolve) => setImmediate(resolve));
  expect(warned).toEqual([expect.stringContaining('waits for the log')]);
  log.isDown = false;
  await settled();
  expect(types().toSorted()).toEqual(['federation.call.accepted', 'federation.call.completed', 'federation.call.denied']);
});

it('does not throw either at what no record can be made of, and says so', async () => {
  recorder.deny({ ...asked, call_id: 'no id' }, 'loop');
  expect(warned).toEqual([expect.stringContaining('cannot be recorded')]);
  await expect(recorder.accept({ ...asked, call_id: 'no id' })).rejects.toThrow('call_id must be');
  expect(log.records).toEqual([]);
});

it('holds what others wrote within bounds', async () => {
  const long = 'x'.repeat(1e6);
  const hostile: CallAsked = {
    ...asked,
    method: `${long}\n`,
    rpc_id: '"\u0000"',
    task_id: '',
    context_id: long,
    message_id: '\ud800',
    trace_id: 'zz',
    caller: long,
  };
  const call = await recorder.accept(hostile);
  recorder.end(call, {
    ...ending,
    outcome: 'failed',
    reason: 'rpc_error',
    rpc_error_code: 1.5,
    total_ms: 12.4,
    first_byte_ms: -1,
    task_id: long,
  });
  await settled();
  assertShape(CallAccepted, log.records[0]?.data);
  assertShape(CallFailed, log.records[1]?.data);
  expect(log.records[0]?.data).toMatchObject({ rpc_id: '"\uFFFD"', task_id: null, trace_id: null, message_id: '\uFFFD' });
  expect(log.records[1]?.data).toMatchObject({ rpc_error_code: null, total_ms: 12, first_byte_ms: 0 });
  expect(JSON.stringify(log.records).length).toBeLessThan(4_000);
});

describe('under more denials than the log can take', () => {
  const flood = (peers: number): void => {
    for (let n = 0; n < 20_000; n++) recorder.deny({ ...asked, peer_id: asId<PeerId>(`peer-${n % peers}`) }, 'no_rule');
  };
  const denied = (of = '') =>
    log.records.filter(({ type, data }) => type === 'federation.call.denied' && (data as CallDenied).peer_id.endsWith(of));

  it.each([
    ['one peer', 1],
    ['a thousand peers', 1_000],
  ])('keeps how the calls of others ended: %s', async (_who, peers) => {
    const call = await recorder.accept(asked);
    log.isDown = true;
    flood(peers);
    recorder.end(call, ending);
    log.isDown = false;
    await settled();
    expect(types()).toContain('federation.call.completed');
  });

  it('keeps some of each peer, and says at the end how many more there were', async () => {
    flood(2);
    recorder.deny({ ...asked, peer_id: asId<PeerId>('peer-quiet') }, 'loop');
    await settled();
    expect(denied('quiet')).toHaveLength(1);
    expect(denied('-0').length).toBeGreaterThan(0);
    const kept = denied().length - 1;
    const said = warned.flatMap((line) => /^(\d+) refused calls of peer-[01] are not on record/.exec(line)?.[1] ?? []);
    expect([warned.length, said.length]).toEqual([2, 2]);
    expect(kept + said.reduce((sum, count) => sum + Number(count), 0)).toBe(20_000);
    expect(kept).toBeLessThan(2_000);
  });

  it('does not let calls that were never stored push out an ending either', async () => {
    const call = await recorder.accept(asked);
    log.isDown = true;
    for (let n = 0; n < 11_000; n++) await recorder.accept(asked).catch(() => undefined);
    recorder.end(call, ending);
    log.isDown = false;
    await settled();
    expect(types()).toContain('federation.call.completed');
  });
});

it('holds a call until its ending is kept', async () => {
  const call = await recorder.accept(asked);
  expect(recorder.holds(call.record_id)).toBe(true);
  log.isDown = true;
  recorder.end(call, ending);
  await new Promise((resolve) => setImmediate(resolve));
  expect([recorder.holds(call.record_id), recorder.holds('another')]).toEqual([true, false]);
  log.isDown = false;
  await settled();
  expect(recorder.holds(call.record_id)).toBe(false);
});

it('waits, when the process ends, for the calls that are under way to end too', async () => {
  const [one, two] = [await recorder.accept(asked), await recorder.accept(asked)];
  const closed = recorder.onApplicationShutdown();
  recorder.end(one, ending);
  setImmediate(() => recorder.end(two, ending));
  await closed;
  expect(types()).toEqual([...Array(2).fill('federation.call.accepted'), ...Array(2).fill('federation.call.completed')]);
  expect(warned).toEqual([]);
});

it('knows its own run from every other', () => expect(new CallRecorder(log.calls, identity).bootId).not.toBe(recorder.bootId));
