import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestDir, testDir } from '@app/runtime/testing';
import { SupervisedChild } from './child.js';

const MIB = 1 << 20;
const LOG_CHECK_MS = 60_000;

let dir: TestDir;
let logFile: string;
let child: SupervisedChild;
let said: string[];
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance', 'Date', 'nextTick', 'queueMicrotask'] });
  dir = testDir();
  logFile = join(dir.path, 'log');
  said = [];
  const server = { name: 'nats', title: 'A server', file: '/bin/sleep', args: ['600'], account: null, stopSignal: 'SIGTERM' } as const;
  const files = { pidFile: join(dir.path, 'pid'), logFile };
  child = new SupervisedChild({ ...server, ...files, answers: async () => true }, (_, sentence) => said.push(sentence));
});
afterEach(async () => {
  jest.useRealTimers();
  await child.stop();
  await dir.remove();
});

/** It has said so much since. */
const grow = (bytes: number): void => truncateSync(logFile, bytes);
const sizeOf = (file: string): number => statSync(file).size;

it('copies a log that has become too big away, and empties it', async () => {
  await child.start();
  writeFileSync(logFile, 'a word');
  grow(16 * MIB - 1);
  jest.advanceTimersByTime(LOG_CHECK_MS);
  expect(sizeOf(logFile)).toBe(16 * MIB - 1);
  grow(16 * MIB);
  jest.advanceTimersByTime(LOG_CHECK_MS);
  expect([sizeOf(logFile), sizeOf(`${logFile}.1`), readFileSync(`${logFile}.1`, 'utf8').slice(0, 6)]).toEqual([0, 16 * MIB, 'a word']);
  expect(said).toEqual([]);
});

it('empties a log that it cannot copy away, says so once, and goes on', async () => {
  await child.start();
  mkdirSync(`${logFile}.1`); // In the way, as a full disk is.
  for (let i = 0; i < 2; i++) {
    grow(16 * MIB);
    jest.advanceTimersByTime(LOG_CHECK_MS);
    expect([sizeOf(logFile), child.status().state]).toEqual([0, 'ready']);
  }
  expect(said).toEqual([expect.stringMatching(/^The log of A server .*log\.1/)]);
});

describe('a server that only a restart helps', () => {
  let why: string | undefined;
  let asked: number;
  let stuck: SupervisedChild;
  beforeEach(() => {
    [why, asked] = [undefined, 0];
    const server = { name: 'nats', title: 'A server', file: '/bin/sleep', args: ['600'], account: null, stopSignal: 'SIGTERM' } as const;
    const files = { pidFile: join(dir.path, 'pid'), logFile };
    const ask = async (): Promise<string | undefined> => (asked++, why);
    const spec = { ...server, ...files, answers: async () => true, stuck: ask, stuckEveryMs: 10 };
    stuck = new SupervisedChild(spec, (_, sentence) => said.push(sentence));
  });
  afterEach(() => stuck.stop());
  const until = async (isSo: () => boolean): Promise<void> => {
    for (const end = performance.now() + 20_000; !isSo();) {
      if (performance.now() > end) throw new Error('it does not become so');
      await new Promise((resolve) => setTimeout(resolve, 5)); // Between two looks.
    }
  };

  it('is left alone while nothing is wrong, and started again when something is', async () => {
    await stuck.start();
    const { pid } = stuck.status();
    await until(() => asked > 3);
    expect(stuck.status()).toMatchObject({ pid, restarts: 0 });
    why = 'its disk was full.';
    await until(() => stuck.status().restarts === 1);
    why = undefined;
    await until(() => stuck.status().state === 'ready' && asked > 6);
    expect(said.slice(0, 2)).toEqual([
      'A server is restarted: its disk was full.',
      expect.stringMatching(/^A server ended \(killed by SIGTERM\); it is started again in 0\.25 s/),
    ]);
    expect(stuck.status().pid).not.toBe(pid);
  });

  it('ends when it is told to, without being started again', async () => {
    await stuck.start();
    await stuck.stop();
    expect(stuck.status()).toMatchObject({ state: 'stopped', restarts: 0 });
  });
});
