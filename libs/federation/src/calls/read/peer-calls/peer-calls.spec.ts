import { asId } from '@app/kernel';
import { rowsOf } from '@app/kernel/testing';
import type { PeerId } from '../../../peers/events/index.js';
import { aborted, accepted, completed } from '../../../../testing/calls.js';
import { peerCalls } from './peer-calls.projection.js';

const lisbon = { peer_id: asId<PeerId>('peer-lisbon') };
const osaka = { peer_id: asId<PeerId>('peer-osaka') };

it('counts what was let through, by peer and direction, whatever became of it', () => {
  const events = [
    accepted('a', { ...lisbon, direction: 'in' }),
    accepted('b', { ...lisbon, direction: 'in' }),
    accepted('c', { ...lisbon, direction: 'out' }),
    accepted('d', { ...osaka, direction: 'out' }),
  ];
  expect(rowsOf(peerCalls, ...events)).toEqual({
    'peer-lisbon': { ...lisbon, calls_in: 2, calls_out: 1 },
    'peer-osaka': { ...osaka, calls_in: 0, calls_out: 1 },
  });
});

it('reads no endings and no denials: they are no calls', () => {
  expect(peerCalls.reads.map(({ type }) => type)).toEqual(['federation.call.accepted']);
  expect([completed('a'), aborted('a')].map(({ type }) => Object.hasOwn(peerCalls.on, type))).toEqual([false, false]);
});
