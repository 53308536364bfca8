import { asId, newEvent } from '@app/kernel';
import { NOW, later, rowsOf, stored } from '@app/kernel/testing';
import { PeerHeld, type PeerId, PeerRegistered, PeerReleased, PeerStatusChanged, PeerSuspended } from '../../events/index.js';
import { about, labelled, registered, removed, resumed, statusChanged, suspended, verified } from '../../../../testing/index.js';
import { peerDirectory } from './peer-directory.projection.js';
import type { PeerRow } from './peer-directory.view.js';

const [held, released] = [newEvent(PeerHeld, about), newEvent(PeerReleased, about)];
const suspendedAgain = newEvent(PeerSuspended, { ...about, note: 'still', until: null });

it('shows what was registered, by whom, and keeps the secret and where it is out', () => {
  expect(rowsOf(peerDirectory, registered)).toEqual({
    'peer-lisbon': {
      peer_id: 'peer-lisbon',
      remote_peer_id: 'inst-7f3q',
      label: 'Lisbon, second hall',
      url: 'https://lisbon.example',
      lifecycle: 'pending',
      status: 'pending',
      health: 'unknown',
      reason: 'never_connected',
      details: {},
      since: NOW,
      judged_at: NOW,
      secret_fingerprint: '5c1e-0b77-a9d2-43f0',
      key_fingerprint: null,
      key_pinned_at: null,
      registered_at: NOW,
      registered_by: 'test',
      suspended_until: null,
      held_at: null,
      unheld: null,
      last_good_at: null,
      next_retry_at: null,
      evidence: ['f1'],
      verified_at: null,
    },
  });
});

it.each([
  ['pending', 'pending', null, [registered]],
  ['active', 'unknown', null, [registered, verified]],
  ['suspended', 'suspended', later(60), [registered, suspended]],
  ['suspended', 'suspended', null, [registered, suspended, suspendedAgain]],
  ['suspended', 'suspended', later(60), [registered, suspended, verified]],
  ['pending', 'pending', null, [registered, suspended, resumed]],
  ['active', 'unknown', null, [registered, verified, suspended, resumed]],
  ['active', 'unknown', null, [registered, suspended, verified, resumed]],
])('%s, %s, until %s', (lifecycle, status, until, facts) => {
  expect(rowsOf(peerDirectory, ...facts)).toMatchObject({ 'peer-lisbon': { lifecycle, status, suspended_until: until } });
});

it('shows the last label, and nothing else changes with it', () => {
  const { 'peer-lisbon': before } = rowsOf(peerDirectory, registered, suspended);
  expect(rowsOf(peerDirectory, registered, suspended, labelled)).toEqual({ 'peer-lisbon': { ...before, label: 'Lisbon, third hall' } });
});

it('counts `since` from the change, not from a suspension whose end moved', () => {
  const log = [
    stored(registered, 1, later(0)),
    stored(labelled, 2, later(1)),
    stored(suspended, 3, later(2)),
    stored(suspendedAgain, 4, later(3)),
    stored(resumed, 5, later(4)),
  ];
  const sinces: (string | undefined)[] = [];
  log.reduce<ReturnType<typeof peerDirectory.apply> | undefined>((row, event) => {
    const next = peerDirectory.apply(row ?? undefined, event);
    sinces.push(next?.since);
    return next;
  }, undefined);
  expect(sinces).toEqual([later(0), later(0), later(2), later(2), later(4)]);
});

it('shows what its link was judged to be, why, and what that rests on', () => {
  expect(rowsOf(peerDirectory, registered, verified, statusChanged('unknown', 'disconnected'))).toMatchObject({
    'peer-lisbon': {
      lifecycle: 'active',
      status: 'disconnected',
      health: 'down',
      reason: 'connect_refused',
      details: PeerStatusChanged.example.details,
      last_good_at: PeerStatusChanged.example.last_good_at,
      next_retry_at: PeerStatusChanged.example.next_retry_at,
      evidence: [...PeerStatusChanged.example.evidence, 'f3'],
    },
  });
});

it('says nothing of the link when its lifecycle changed since, but when it was last good', () => {
  const evaluated = [registered, verified, statusChanged('unknown', 'disconnected')];
  const { 'peer-lisbon': row } = rowsOf(peerDirectory, ...evaluated, suspended, resumed);
  expect(row).toMatchObject({
    status: 'unknown',
    reason: 'observer_unhealthy',
    last_good_at: PeerStatusChanged.example.last_good_at,
    next_retry_at: null,
    evidence: ['f5'],
  });
});

it('counts `since` from the change of the status, not of its reason', () => {
  const log = [
    stored(registered, 1, later(0)),
    stored(verified, 2, later(1)),
    stored(statusChanged('unknown', 'disconnected'), 3, later(2)),
    stored(statusChanged('disconnected', 'disconnected', 'heartbeat_timeout'), 4, later(3)),
    stored(statusChanged('disconnected', 'connected', null), 5, later(4)),
  ];
  const rows: PeerRow[] = [];
  for (const event of log) rows.push(peerDirectory.apply(rows.at(-1), event) as PeerRow);
  expect(rows.map(({ since }) => since)).toEqual([later(0), later(1), later(2), later(2), later(4)]);
});

it('forgets a peer that was removed', () => expect(rowsOf(peerDirectory, registered, removed)).toEqual({}));

it('keeps peers apart', () => {
  const osaka = newEvent(PeerRegistered, { ...PeerRegistered.example, peer_id: asId<PeerId>('peer-osaka') });
  const rows = rowsOf(peerDirectory, registered, osaka, suspended);
  expect(Object.values(rows).map((row) => row.status)).toEqual(['suspended', 'pending']);
});

it('stops rather than guess when a stream starts in the middle', () => {
  expect(() => rowsOf(peerDirectory, suspended)).toThrow('no row to change');
});

it.each([
  ['while it is held', [registered, verified, held], { lifecycle: 'suspended', held_at: NOW }],
  ['resumed while it is held', [registered, verified, suspended, held, resumed], { lifecycle: 'suspended', held_at: NOW }],
  ['released', [registered, verified, held, released], { lifecycle: 'active', held_at: null, unheld: null }],
  ['suspended while it was held', [registered, verified, held, suspended, released], { lifecycle: 'suspended', held_at: null }],
  ['verified while it was held', [registered, held, verified, released], { lifecycle: 'active', held_at: null }],
])('shows a peer %s', (_what, facts, row) => {
  expect(rowsOf(peerDirectory, ...facts)).toMatchObject({ 'peer-lisbon': row });
});
