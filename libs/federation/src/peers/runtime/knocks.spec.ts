import { FakeTiming } from '../../../testing/fake-timing.js';
import { Knocks } from './knocks.provider.js';

const knocked = () => {
  const timing = new FakeTiming();
  return { timing, knocks: new Knocks(timing) };
};

it('remembers the last refusal of each name', async () => {
  const { timing, knocks } = knocked();
  const sinceMs = timing.clock.nowMs();
  knocks.refused('inst-a', 'key-1', 'timestamp');
  await timing.clock.pass(1_000);
  knocks.refused('inst-a', 'key-2', 'signature');
  expect(knocks.of('inst-a')).toEqual({ sinceMs, atMs: sinceMs + 1_000, key_id: 'key-2', denied: 'signature' });
  expect(knocks.of('inst-b')).toBeUndefined();
});

it('remembers nothing that could not be a name or a fingerprint: anybody may knock, and people read it', () => {
  const { knocks } = knocked();
  knocks.refused('inst a', 'key', 'signature');
  knocks.refused('inst-a', '<b>call 555</b>', 'signature');
  knocks.refused('', '', 'not-signed');
  expect([knocks.of('inst a'), knocks.of('inst-a'), knocks.of('')]).toEqual([undefined, undefined, undefined]);
});

it('remembers a bounded number, the newest', () => {
  const { knocks } = knocked();
  for (let i = 0; i < 300; i++) knocks.refused(`inst-${i}`, `key-${i}`, 'signature');
  expect([knocks.of('inst-43'), knocks.of('inst-44')?.key_id, knocks.of('inst-299')?.key_id]).toEqual([undefined, 'key-44', 'key-299']);
});

it('forgets who stopped: a peer that is refused tries again within a minute, and later within five', async () => {
  const { timing, knocks } = knocked();
  knocks.refused('inst-a', 'key', 'signature');
  await timing.clock.pass(70_000);
  expect(knocks.of('inst-a')).toBeDefined();
  await timing.clock.pass(10_000);
  expect(knocks.of('inst-a')).toBeUndefined();
  for (let minutes = 0; minutes < 20; minutes++) {
    knocks.refused('inst-a', 'key', 'signature');
    await timing.clock.pass(60_000);
  }
  await timing.clock.pass(240_000);
  expect(knocks.of('inst-a')).toBeDefined();
  await timing.clock.pass(20_000);
  expect(knocks.of('inst-a')).toBeUndefined();
});

it('forgets a refusal of who signed as it should since', () => {
  const { knocks } = knocked();
  knocks.refused('inst-a', 'key', 'signature');
  knocks.forget('inst-a');
  expect(knocks.of('inst-a')).toBeUndefined();
});
