import { healthOf } from '@app/kernel';
import { later } from '@app/kernel/testing';
import { type Standing, deriveStatus } from './peer-status.js';

const standings: Standing[] = [
  { lifecycle: 'pending' },
  { lifecycle: 'active' },
  { lifecycle: 'suspended', until: null, note: '' },
  { lifecycle: 'suspended', until: later(60), note: 'key rotation' },
];

it.each(standings)('%j is never up: nobody has looked', (standing) => {
  expect(healthOf(deriveStatus(standing).status)).toBe('unknown');
});

it.each(standings)('%j says why', (standing) => {
  const { reason, sentence } = deriveStatus(standing);
  expect(reason).toMatch(/^[a-z_]+$/);
  expect(sentence).toMatch(/^[A-Z].{20,}/);
});

it('says which side of a pending peer is missing', () => {
  expect(deriveStatus({ lifecycle: 'pending' })).toEqual({
    status: 'pending',
    reason: 'never_connected',
    sentence: 'Waiting for the mutual challenge: this side has registered the peer; the other side has not answered yet.',
  });
});

it.each([
  [null, '', 'Suspended by an operator until further notice.'],
  [null, 'key rotation', 'Suspended by an operator until further notice: key rotation'],
  [later(60), '', `Suspended by an operator until ${later(60)}.`],
])('says until when and why it is suspended', (until, note, sentence) => {
  expect(deriveStatus({ lifecycle: 'suspended', until, note })).toEqual({
    status: 'suspended',
    reason: 'suspended_by_operator',
    sentence,
  });
});
