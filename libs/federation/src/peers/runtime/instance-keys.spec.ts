import { Logger } from '@nestjs/common';
import { isSignedText, makeKeyPair } from '@app/config';
import { MemoryLog } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { MemoryKeyRows } from '../../../testing/key-rows.js';
import { until } from '../../../testing/instance.js';
import { InstanceKeyMade } from '../events/index.js';
import { InstanceKeys } from './instance-keys.provider.js';
import { KeyMaker } from './key-maker.provider.js';

Logger.overrideLogger(false); // What is warned of here is warned of on purpose.
const identity = { instance_id: 'inst-a', incarnation: 'one' };
const open: (InstanceKeys | KeyMaker)[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.onModuleDestroy();
});

async function started(log: MemoryLog, rows: MemoryKeyRows, isFederation = true): Promise<InstanceKeys> {
  const keys = new InstanceKeys(log.subscription, rows as never, identity);
  open.push(keys);
  if (isFederation) {
    const maker = new KeyMaker(keys, rows as never, log, identity);
    open.push(maker);
    maker.onApplicationBootstrap();
  }
  await keys.onApplicationBootstrap();
  return keys;
}
const made = (log: MemoryLog): InstanceKeyMade[] => log.of<InstanceKeyMade>('federation.instance-key.made');
const isReady = (keys: InstanceKeys) =>
  until(
    'a key that is ready',
    () => keys.state,
    (state) => state === 'ready',
  );

it('makes a key at the first start, and signs with it', async () => {
  const [log, rows] = [new MemoryLog(), new MemoryKeyRows()];
  const keys = await started(log, rows);
  await isReady(keys);
  expect(made(log)).toEqual([
    expect.objectContaining({ instance_id: 'inst-a', public_key: keys.publicKey, key_fingerprint: keys.fingerprint }),
  ]);
  expect(isSignedText(keys.publicKey ?? '', 'text', keys.sign('text') ?? '')).toBe(true);
  expect(JSON.stringify(log.facts)).not.toContain([...rows.rows.values()][0]?.privateKey);
});

it('goes on with the same key at every later start', async () => {
  const [log, rows] = [new MemoryLog(), new MemoryKeyRows()];
  const first = await started(log, rows);
  await isReady(first);
  const second = await started(log, rows);
  await isReady(second);
  expect(second.publicKey).toBe(first.publicKey);
  expect([made(log).length, rows.rows.size]).toEqual([1, 1]);
});

it.each(['missing', 'sealed'] as const)('does not make another one while the private half is %s, and signs nothing', async (how) => {
  const [log, rows] = [new MemoryLog(), new MemoryKeyRows()];
  await isReady(await started(log, rows));
  if (how === 'missing') rows.rows.clear();
  else rows.isSealed = true;
  const kept: string[] = [];
  rows.keep = async (keyId) => void kept.push(keyId);
  const keys = await started(log, rows);
  await keys.known;
  expect([keys.state, keys.sign('text')]).toEqual([how, null]);
  await open.at(-1)?.onModuleDestroy();
  expect([made(log).length, kept]).toEqual([1, []]);
});

it('does not take a row with another key for the private half', async () => {
  const [log, rows] = [new MemoryLog(), new MemoryKeyRows()];
  await isReady(await started(log, rows));
  const [keyId = ''] = rows.rows.keys();
  rows.rows.set(keyId, makeKeyPair());
  expect((await started(log, rows, false)).state).toBe('missing');
});

it('names the key that is kept when the log lost the fact about it', async () => {
  const [log, rows] = [new MemoryLog(), new MemoryKeyRows()];
  const first = await started(log, rows);
  await isReady(first);
  const after = new MemoryLog();
  const keys = await started(after, rows);
  await isReady(keys);
  expect([keys.publicKey, rows.rows.size]).toEqual([first.publicKey, 1]);
});

it('keeps one key when two processes make the first one at once', async () => {
  const [log, rows] = [new MemoryLog(), new MemoryKeyRows()];
  const other = { ...InstanceKeyMade.example, instance_id: 'inst-a', key_id: 'key-of-the-faster' };
  const pair = makeKeyPair();
  let isFirst = true;
  log.before = () => {
    if (!isFirst || rows.rows.size === 0) return;
    isFirst = false;
    rows.rows.set(other.key_id, pair);
    log.add(newEvent(InstanceKeyMade, { ...other, public_key: pair.publicKey }));
  };
  const keys = await started(log, rows);
  await isReady(keys);
  await until(
    'one row',
    () => [...rows.rows.keys()],
    (all) => all.length === 1,
  );
  expect([keys.publicKey, [...rows.rows.keys()]]).toEqual([pair.publicKey, [other.key_id]]);
});

it('makes no key where a row is kept that SECRETS_KEY does not open', async () => {
  const [log, rows] = [new MemoryLog(), new MemoryKeyRows()];
  rows.rows.set('key-1', makeKeyPair());
  rows.isSealed = true;
  const keys = await started(log, rows);
  await keys.known;
  await open.at(-1)?.onModuleDestroy();
  expect([keys.state, made(log)]).toEqual(['unmade', []]);
});

it('knows the key that an operator makes while the process runs', async () => {
  const [log, rows] = [new MemoryLog(), new MemoryKeyRows()];
  const keys = await started(log, rows);
  await isReady(keys);
  const pair = makeKeyPair();
  rows.rows.set('key-2', pair);
  log.add(newEvent(InstanceKeyMade, { ...InstanceKeyMade.example, instance_id: 'inst-a', key_id: 'key-2', public_key: pair.publicKey }));
  await until(
    'the new key',
    () => keys.sign('text') ?? '',
    (signature) => isSignedText(pair.publicKey, 'text', signature),
  );
});

it('is not known before its private half was looked for', async () => {
  const [log, rows] = [new MemoryLog(), new MemoryKeyRows()];
  await isReady(await started(log, rows));
  rows.before = () => {
    throw new Error('PostgreSQL is down');
  };
  const keys = await started(log, rows, false);
  expect([keys.isKnown, keys.state]).toEqual([false, 'unread']);
  rows.before = () => undefined;
  expect(await keys.look()).toBe('ready');
  await keys.known;
});
