import { LogUnavailable } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type Instant, UnknownEvent } from '@app/kernel';
import { NOW, later } from '@app/kernel/testing';
import { about, registered, removed } from '../../../testing/index.js';
import type { KeptSecret, PeerSecrets } from './peer-secrets.provider.js';
import { UnusedSecretsJob } from './unused-secrets.job.js';

const NAMED = registered.data.secret_id;

/** Rows in order of their ids, as the table answers. */
class Vault implements Pick<PeerSecrets, 'keptBefore' | 'forget'> {
  readonly asked: Instant[] = [];
  constructor(public rows: KeptSecret[]) {}

  async keptBefore(before: Instant, after: string, limit: number) {
    this.asked.push(before);
    return this.rows.filter(({ secret_id }) => secret_id > after).slice(0, limit);
  }

  async forget(secretId: string) {
    this.rows = this.rows.filter(({ secret_id }) => secret_id !== secretId);
  }
}
const job = async (rows: KeptSecret[], log: Pick<MemoryLog, 'read'>): Promise<Vault> => {
  const vault = new Vault(rows);
  await new UnusedSecretsJob(vault as never, log as never).run(NOW);
  return vault;
};
const logOf = (...facts: Parameters<MemoryLog['add']>): MemoryLog => {
  const log = new MemoryLog();
  log.add(...facts);
  return log;
};

it('asks for rows older than an hour', async () => {
  expect((await job([], logOf())).asked).toEqual([later(-60)]);
});

it.each([
  ['keeps the secret a fact names', NAMED, [registered], 1],
  ['removes another of the same peer', 'other', [registered], 0],
  ['removes that of a peer that was removed', NAMED, [registered, removed], 0],
  ['removes that of a peer nobody registered', NAMED, [], 0],
])('%s', async (_name, secret_id, facts, kept) => {
  expect((await job([{ secret_id, ...about }], logOf(...facts))).rows).toHaveLength(kept);
});

it('keeps the secret of a peer whose history it cannot read, and goes on with the rest', async () => {
  const log = logOf();
  const read: MemoryLog['read'] = (source) => {
    if (source.subjects[0]?.endsWith('peer-newer') === true) throw new UnknownEvent('federation.peer.adorned', 1);
    return log.read(source);
  };
  const rows = [
    { secret_id: 'a', peer_id: 'peer-newer' },
    { secret_id: 'b', peer_id: 'peer-gone' },
  ];
  expect((await job(rows, { read })).rows).toEqual([rows[0]]);
});

it('does not take silence of the log for the absence of facts', async () => {
  const log = logOf();
  log.isDown = true;
  const vault = new Vault([{ secret_id: NAMED, ...about }]);
  await expect(new UnusedSecretsJob(vault as never, log).run(NOW)).rejects.toThrow(LogUnavailable);
  expect(vault.rows).toHaveLength(1);
});

it('gets to the last row, however many there are', async () => {
  const rows = Array.from({ length: 450 }, (_, i) => ({
    secret_id: `s${String(i).padStart(4, '0')}`,
    peer_id: i === 449 ? 'peer-lisbon' : 'peer-gone',
  }));
  rows.push({ secret_id: NAMED, ...about });
  rows.sort((a, b) => (a.secret_id < b.secret_id ? -1 : 1));
  expect((await job(rows, logOf(registered))).rows).toEqual([{ secret_id: NAMED, ...about }]);
});
