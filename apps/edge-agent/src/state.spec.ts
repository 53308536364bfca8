import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kept } from './retry-queue.js';
import { State } from './state.js';

let dir: string;
let state: State;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'edge-agent-'));
  state = new State(join(dir, 'state'));
  state.prepare();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const within = (name: string): string => join(state.path, name);
const identity = { version: 1 as const, agent_id: 'agent-1', instance_uid: 'uid', server: 'https://claw.example', gateways: [] };
const kept: Kept = {
  dropped: 3,
  costs: [
    [
      '2026-02-01',
      'a',
      {
        usd: 0.1,
        tokens: 2,
        missing: 0,
        models: [{ model: 'mock/m1', usd: 0.1, tokens: 2 }],
        agents: [{ agent: 'main', usd: 0.1, tokens: 2 }],
      },
    ],
  ],
  unsent: ['2026-02-01'],
};

it('leaves what there was, and nothing else, when the disk is full', () => {
  state.keepRetryQueue(kept);
  symlinkSync('/dev/full', within(`.outbox.json.${process.pid}`));
  expect(() => state.keepRetryQueue({ ...kept, dropped: 4 })).toThrow(expect.objectContaining({ code: 'agent.disk-full' }));
  expect(readdirSync(state.path)).toEqual(['outbox.json']);
  expect(state.retryQueue()).toEqual(kept);
});

it('says that the disk is full before a token is spent, and when the key is made', () => {
  const full = expect.objectContaining({ code: 'agent.disk-full', message: `${state.path} cannot be written: its disk is full` });
  symlinkSync('/dev/full', within(`..probe.${process.pid}`));
  expect(() => state.prepare()).toThrow(full);
  symlinkSync('/dev/full', within(`.agent-key.pem.${process.pid}`));
  expect(() => state.makeKey()).toThrow(full);
  expect(readdirSync(state.path)).toEqual([]);
});

it('makes a key once, and only where one joins', () => {
  expect(() => state.key()).toThrow(expect.objectContaining({ code: 'agent.key-lost', next: expect.stringContaining('leave') }));
  expect(readdirSync(state.path)).toEqual([]);
  const made = state.makeKey();
  expect(state.makeKey().equals(made)).toBe(true);
  expect(state.key().equals(made)).toBe(true);
});

describe('an agent that leaves', () => {
  const keepAll = (): void => {
    state.join(identity);
    state.makeKey();
    state.keepTokens({});
    state.keepRetryQueue(kept);
    state.pinKey({ public_key: 'A'.repeat(43), pinned_at: '2026-02-01T12:00:00.000Z' });
    writeFileSync(within('.agent-key.pem.4711'), 'half of a key'); // Of a process that was killed over it.
    mkdirSync(within('run.0a1b2c3d'));
  };

  it('leaves nothing, not even its directory', () => {
    keepAll();
    state.remove();
    expect(existsSync(state.path)).toBe(false);
  });

  it('leaves what is not its own', () => {
    keepAll();
    writeFileSync(within('notes'), 'of somebody else');
    state.remove();
    expect(readdirSync(state.path)).toEqual(['notes']);
  });
});

describe('the key of the server', () => {
  const pinned = { public_key: 'A'.repeat(43), pinned_at: '2026-02-01T12:00:00.000Z' };

  it('is read as it was pinned, from a file that only its user reads', () => {
    expect(state.pinnedKey()).toBeNull();
    state.pinKey(pinned);
    expect(state.pinnedKey()).toEqual(pinned);
    expect(statSync(within('instance-key.json')).mode & 0o777).toBe(0o600);
  });

  it.each(['{}', '[]', '7', '{"public_key":"x"}', '{"public_key":'])('is refused when the file holds none: %s', (text) => {
    writeFileSync(within('instance-key.json'), text);
    expect(() => state.pinnedKey()).toThrow(expect.objectContaining({ code: 'agent.state-unreadable' }));
  });
});

describe('what was still to be told', () => {
  it('is read as it was kept', () => {
    expect(state.retryQueue()).toBeNull();
    state.keepRetryQueue(kept);
    expect(state.retryQueue()).toEqual(kept);
  });

  it('is read as an agent of before kept it, which knew no models', () => {
    writeFileSync(within('outbox.json'), JSON.stringify({ ...kept, costs: [['2026-02-01', 'a', { usd: 0.1, tokens: 2, missing: 0 }]] }));
    expect(state.retryQueue()).toEqual({
      ...kept,
      costs: [['2026-02-01', 'a', { usd: 0.1, tokens: 2, missing: 0, models: [], agents: [] }]],
    });
  });

  it.each([
    ['{}', 'nothing of it'],
    ['[]', 'a list'],
    ['7', 'a number'],
    ['{"dropped":0,"costs":[],"unsent":[', 'the half of it'],
    [JSON.stringify({ ...kept, dropped: -1 }), 'a count below nothing'],
    [JSON.stringify({ ...kept, costs: [['2026-02-01', 'a']] }), 'no figure'],
    [JSON.stringify({ ...kept, costs: [['2026-02-30', 'a', { usd: 1, tokens: 1, missing: 0 }]] }), 'no day'],
    [JSON.stringify({ ...kept, costs: [['2026-02-01', 'a', { usd: '1', tokens: 1, missing: 0 }]] }), 'words for a figure'],
    [JSON.stringify({ ...kept, costs: [['2026-02-01', 7, { usd: 1, tokens: 1, missing: 0 }]] }), 'no gateway'],
    [JSON.stringify({ ...kept, costs: [['2026-02-01', 'a', { usd: 1, tokens: 1, missing: 0, models: [null] }]] }), 'no model'],
    [JSON.stringify({ ...kept, costs: [['2026-02-01', 'a', { usd: 1, tokens: 1, missing: 0, models: {} }]] }), 'no list of models'],
    [JSON.stringify({ ...kept, unsent: ['2026-02-02'] }), 'a day without a figure'],
    [JSON.stringify({ ...kept, unsent: [null] }), 'no day that waits'],
  ])('is refused as a whole: %s', (text) => {
    writeFileSync(within('outbox.json'), text);
    expect(() => state.retryQueue()).toThrow(expect.objectContaining({ code: 'agent.state-unreadable' }));
    expect(readFileSync(within('outbox.json'), 'utf8')).toBe(text);
  });
});
