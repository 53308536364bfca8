import { FakeTiming } from '../../../testing/fake-timing.js';
import { RejectedHandshakes } from './rejected-handshakes.provider.js';

const knocked = () => {
  const timing = new FakeTiming();
  return { timing, rejectedHandshakes: new RejectedHandshakes(timing) };
};

it('remembers the last refusal of each name', async () => {
  const { timing, rejectedHandshakes: rejected } = knocked();
  const sinceMs = timing.clock.nowMs();
  rejected.refused('inst-a', 'key-1', 'timestamp');
  await timing.clock.pass(1_000);
  rejected.refused('inst-a', 'key-2', 'signature');
  expect(rejected.of('inst-a')).toEqual({ sinceMs, atMs: sinceMs + 1_000, key_id: 'key-2', denied: 'signature' });
  expect(rejected.of('inst-b')).toBeUndefined();
});

it('remembers nothing that could not be a name or a fingerprint: anybody may knock, and people read it', () => {
  const { rejectedHandshakes } = knocked();
  rejectedHandshakes.refused('inst a', 'key', 'signature');
  rejectedHandshakes.refused('inst-a', '<b>call 555</b>', 'signature');
  rejectedHandshakes.refused('', '', 'not-signed');
  expect([rejectedHandshakes.of('inst a'), rejectedHandshakes.of('inst-a'), rejectedHandshakes.of('')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

it('remembers a bounded number, the newest', () => {
  const { rejectedHandshakes: rejected } = knocked();
  for (let i = 0; i < 300; i++) rejected.refused(`inst-${i}`, `key-${i}`, 'signature');
  expect([rejected.of('inst-43'), rejected.of('inst-44')?.key_id, rejected.of('inst-299')?.key_id]).toEqual([
    undefined,
    'key-44',
    'key-299',
  ]);
});

it('forgets who stopped: a peer that is refused tries again within a minute, and later within five', async () => {
  const { timing, rejectedHandshakes: rejected } = knocked();
  rejected.refused('inst-a', 'key', 'signature');
  await timing.clock.pass(70_000);
  expect(rejected.of('inst-a')).toBeDefined();
  await timing.clock.pass(10_000);
  expect(rejected.of('inst-a')).toBeUndefined();
  for (let minutes = 0; minutes < 20; minutes++) {
    rejected.refused('inst-a', 'key', 'signature');
    await timing.clock.pass(60_000);
  }
  await timing.clock.pass(240_000);
  expect(rejected.of('inst-a')).toBeDefined();
  await timing.clock.pass(20_000);
  expect(rejected.of('inst-a')).toBeUndefined();
});

it('forgets a refusal of who signed as it should since', () => {
  const { rejectedHandshakes: rejected } = knocked();
  rejected.refused('inst-a', 'key', 'signature');
  rejected.forget('inst-a');
  expect(rejected.of('inst-a')).toBeUndefined();
});
