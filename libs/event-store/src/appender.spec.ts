import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Append, Appender, type Recorded } from '@app/event-store';
import { put } from '@app/event-store/testing';
import type { Instant } from '@app/kernel';
import type { Histories } from './histories.js';

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

/** An appender whose server gives these answers, one after the other, and whose leader has nothing after what is expected. */
function appenderWith(...answers: object[]): { appender: Appender; sent: string[]; looks: number[] } {
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
      return { json: () => answer };
    },
  };
  const histories = {
    atLeader: async (_subject: string, from: number): Promise<Recorded[]> => (looks.push(from), []),
    endAtLeader: async () => 4,
  };
  const appender = new Appender(nc as unknown as NatsConnection, histories as unknown as Histories, {
    instance_id: 'inst-1',
    incarnation: 'i',
  });
  return { appender, sent, looks };
}

describe('an append that the server did not store', () => {
  it.each([
    [10176, 'batch publish is incomplete and was abandoned'],
    [10164, 'a message of this subject is on its way'],
    [10201, 'batch publish contains duplicate message id'],
    [10071, 'wrong last sequence: 3'],
  ])('is looked up and sent again after %s: %s', async (code, words) => {
    const { appender, sent, looks } = appenderWith(no(code, words), ACK);
    expect(await appender.append(append)).toEqual({ outcome: 'committed', position: 6, duplicate: false });
    expect(looks).toEqual([4]);
    expect(sent).toEqual([`publish ${SUBJECT}`, `request ${SUBJECT}`, `publish ${SUBJECT}`, `request ${SUBJECT}`]);
  });

  it('is rejected at once when the server says no for good', async () => {
    const { appender, looks } = appenderWith(no(10077, 'maximum bytes exceeded'));
    expect(await appender.append(append)).toEqual({ outcome: 'rejected', code: 10077, detail: 'maximum bytes exceeded' });
    expect(looks).toEqual([]);
  });
});
