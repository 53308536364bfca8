import { Knocks } from './knocks.provider.js';

it('remembers the last refusal of each name', () => {
  const knocks = new Knocks();
  knocks.refused('inst-a', 'key-1', 'timestamp', 1);
  knocks.refused('inst-a', 'key-2', 'signature', 2);
  expect(knocks.of('inst-a')).toEqual({ atMs: 2, key_id: 'key-2', denied: 'signature' });
  expect(knocks.of('inst-b')).toBeUndefined();
});

it('remembers nothing that could not be a name or a fingerprint: anybody may knock, and people read it', () => {
  const knocks = new Knocks();
  knocks.refused('inst a', 'key', 'signature');
  knocks.refused('inst-a', '<b>call 555</b>', 'signature');
  knocks.refused('', '', 'not-signed');
  expect([knocks.of('inst a'), knocks.of('inst-a'), knocks.of('')]).toEqual([undefined, undefined, undefined]);
});

it('remembers a bounded number, the newest', () => {
  const knocks = new Knocks();
  for (let i = 0; i < 300; i++) knocks.refused(`inst-${i}`, 'key', 'signature', i);
  expect([knocks.of('inst-43'), knocks.of('inst-44')?.atMs, knocks.of('inst-299')?.atMs]).toEqual([undefined, 44, 299]);
});
