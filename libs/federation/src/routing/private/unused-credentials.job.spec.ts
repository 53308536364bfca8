import { LogUnavailable } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { NOW, later } from '@app/kernel/testing';
import { CredentialTable } from '../../../testing/credentials.js';
import { RouteAdded, RouteEdited, RouteRemoved } from '../events/index.js';
import { UnusedCredentialsJob } from './unused-credentials.job.js';

const added = newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'rule-1', before: null });
const NAMED = RouteAdded.example.credential?.credential_id ?? '';
const row = { rule_id: 'rule-1', target: 'https://agents.example/', value: 'Bearer x' };

const tableOf = (...ids: string[]): CredentialTable => {
  const table = new CredentialTable();
  for (const id of ids) table.rows.set(id, row);
  return table;
};
const logOf = (...facts: Parameters<MemoryLog['add']>): MemoryLog => {
  const log = new MemoryLog();
  log.add(...facts);
  return log;
};
const job = async (table: CredentialTable, log: MemoryLog): Promise<string[]> => {
  await new UnusedCredentialsJob(table as never, log as never).run(NOW);
  return [...table.rows.keys()];
};

it.each([
  ['keeps the credential that a rule names', [added], [NAMED]],
  ['removes that of a rule that got another', [added, newEvent(RouteEdited, { ...RouteEdited.example, rule_id: 'rule-1' })], []],
  ['removes that of a rule that was removed', [added, newEvent(RouteRemoved, { route_table: 'main', rule_id: 'rule-1' })], []],
  ['removes that of a rule that was never added', [], []],
])('%s', async (_name, facts, kept) => {
  expect(await job(tableOf(NAMED), logOf(...facts))).toEqual(kept);
});

it('asks for rows older than an hour', async () => {
  const table = tableOf();
  const asked: string[] = [];
  const keptBefore = table.keptBefore.bind(table);
  table.keptBefore = (before, ...rest) => (asked.push(before), keptBefore(before, ...rest));
  await job(table, logOf());
  expect(asked).toEqual([later(-60)]);
});

it('keeps all of a table that it cannot read', async () => {
  const log = logOf(added);
  log.unreadable.add(1);
  expect(await job(tableOf('other', NAMED), log)).toHaveLength(2);
});

it('does not take silence of the log for the absence of facts', async () => {
  const log = logOf();
  log.isDown = true;
  const table = tableOf('other');
  await expect(job(table, log)).rejects.toThrow(LogUnavailable);
  expect(table.rows.size).toBe(1);
});

it('gets to the last row, however many there are', async () => {
  const many = Array.from({ length: 450 }, (_, i) => `0-${String(i).padStart(4, '0')}`);
  expect(await job(tableOf(...many, NAMED), logOf(added))).toEqual([NAMED]);
});
