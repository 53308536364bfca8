import { openGate } from '@app/event-store/testing';
import { randomUUID } from 'node:crypto';
import type { StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Append, Appender, LogRefused } from '@app/event-store';
import { put } from '@app/event-store/testing';
import type { Instant } from '@app/kernel';
import { DiskWatch } from './disk-watch.js';
import { eventId } from './envelope.js';
import type { Entry, AggregateReader } from './aggregate-reader.js';
import { LogSpace } from './log-space.js';

const SUBJECT = 'facts.test.thing.a';
const append: Append = {
  commandId: randomUUID(),
  actor: 'token:test',
  at: '2026-02-01T12:00:00.000Z' as Instant,
  events: [put('a', 1), put('a', 2)],
  expected: new Map([[SUBJECT, 4]]),
};
const no = (err_code: number, description: string) => ({ error: { code: 400, err_code, description } });
const ACK = { stream: 'FACTS', seq: 6, batch: 'b', count: 2 };

type Space = NonNullable<ConstructorParameters<typeof Appender>[5]>;

/** An appender whose server gives these answers, one after the other, and whose leader has nothing after what is expected. */
function appenderWith(
  { space, gate = openGate }: { space?: Space; gate?: typeof openGate },
  ...answers: (object | 'silence')[]
): { appender: Appender; sent: string[]; looks: number[]; aggregates: Pick<AggregateReader, 'atLeader' | 'endAtLeader'> } {
  const sent: string[] = [];
  const looks: number[] = [];
  const nc = {
    isClosed: () => false,
    isDraining: () => false,
    publish: (subject: string) => void sent.push(`publish ${subject}`),
    request: async (subject: string) => {
      sent.push(`request ${subject}`);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('asked more often than expected');
      if (answer === 'silence') return new Promise(() => undefined);
      return { json: () => answer };
    },
  };
  const aggregates: Pick<AggregateReader, 'atLeader' | 'endAtLeader'> = {
    atLeader: async (_subject, from) => (looks.push(from), []),
    endAtLeader: async () => 4,
  };
  const identity = { instance_id: 'inst-1', incarnation: 'i' };
  const appender = new Appender(
    nc as unknown as NatsConnection,
    aggregates as unknown as AggregateReader,
    identity,
    gate,
    undefined,
    space,
  );
  return { appender, sent, looks, aggregates };
}

describe('an append that the server did not store', () => {
  it.each([
    [10176, 'batch publish is incomplete and was abandoned'],
    [10164, 'a message of this subject is on its way'],
    [10158, 'duplicate message id is in process'],
    [10201, 'batch publish contains duplicate message id'],
    [10071, 'wrong last sequence: 3'],
  ])('is looked up and sent again after %s: %s', async (code, words) => {
    const { appender, sent, looks } = appenderWith({}, no(code, words), ACK);
    expect(await appender.append(append)).toEqual({ outcome: 'committed', position: 6, duplicate: false });
    expect(looks).toEqual([4]);
    expect(sent).toEqual([`publish ${SUBJECT}`, `request ${SUBJECT}`, `publish ${SUBJECT}`, `request ${SUBJECT}`]);
  });

  it('is rejected at once when the server says no for good', async () => {
    const { appender, looks } = appenderWith({}, no(10077, 'maximum bytes exceeded'));
    expect(await appender.append(append)).toEqual({ outcome: 'rejected', code: 10077, detail: 'maximum bytes exceeded' });
    expect(looks).toEqual([]);
  });
});

it('finds an append that was stored between the two questions of one look', async () => {
  const { appender, aggregates, sent } = appenderWith({}, no(10164, 'a message of this subject is on its way'));
  const stored: Entry[] = [];
  aggregates.atLeader = async () => [...stored];
  aggregates.endAtLeader = async () => {
    const ids = [0, 1].map((index) => eventId(append.commandId, index));
    if (stored.length === 0)
      stored.push(...ids.map((id, i) => ({ id, requestMark: '', position: 5 + i, decoded: { is: 'voided' } as const })));
    return 6;
  };
  expect(await appender.append(append)).toEqual({ outcome: 'committed', position: 6, duplicate: true });
  expect(sent).toHaveLength(2);
});

it('leaves open what became of an append after whose first attempt the log was closed', async () => {
  const refused = new LogRefused('log.rewound', 'FACTS ends at 3, and was seen up to 4.', 'look');
  let passes = 0;
  const gate = { ...openGate, pass: async () => (passes++ === 0 ? undefined : Promise.reject(refused)) } as unknown as typeof openGate;
  const { appender, sent } = appenderWith({ gate }, no(10164, 'a message of this subject is on its way'));
  expect(await appender.append(append)).toEqual({ outcome: 'unknown', commandId: append.commandId });
  expect(sent).toHaveLength(2);
});

describe('an append while the disk of NATS is full', () => {
  let full: string | undefined;
  let disk: DiskWatch;
  let space: LogSpace;
  const lacking = { code: 'event-store.disk-full', detail: 'The disk of NATS is full: x.' };
  beforeEach(() => {
    full = undefined;
    disk = new DiskWatch(async () => full);
    const info = async () => ({ state: { bytes: 0 }, config: { max_bytes: -1 } }) as StreamInfo;
    space = new LogSpace(info, new Set(['test.thing.put']), disk);
  });

  it('is refused without being sent, also when it is of the reserve', async () => {
    const { appender, sent } = appenderWith({ space });
    full = lacking.detail;
    await disk.look();
    expect(await appender.append(append)).toEqual({ outcome: 'full', space: lacking });
    expect(sent).toEqual([]);
  });

  it('ends its waiting when the disk becomes full, once the leader says that nothing was stored', async () => {
    const { appender, sent, looks } = appenderWith({ space }, 'silence');
    const appended = appender.append(append);
    while (sent.length < 2) await new Promise(setImmediate);
    full = lacking.detail;
    await disk.look();
    expect(await appended).toEqual({ outcome: 'full', space: lacking });
    expect(looks).toEqual([4]);
    expect(sent).toHaveLength(2);
  });

  it('is sent again as soon as there is space', async () => {
    const { appender } = appenderWith({ space }, ACK);
    full = lacking.detail;
    await disk.look();
    full = undefined;
    await disk.look();
    expect(await appender.append(append)).toMatchObject({ outcome: 'committed' });
  });
});
