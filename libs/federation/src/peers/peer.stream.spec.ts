import fc from 'fast-check';
import type { NewEvent } from '@app/kernel';
import { later, stored } from '@app/kernel/testing';
import { labelled, registered, removed, resumed, statusChanged, suspended, verified } from '../../testing/index.js';
import { type Peer, peer } from './peer.stream.js';

const after = (...facts: NewEvent[]): Peer => peer.fold(facts.map((fact, i) => stored(fact, i + 1)));
const known = { remote_peer_id: 'inst-7f3q', label: registered.data.label, secret_id: registered.data.secret_id };

it.each<[string, NewEvent[], Peer]>([
  ['nothing', [], { status: 'unknown' }],
  ['a registration', [registered], { status: 'pending', ...known }],
  ['a challenge', [registered, verified], { status: 'active', ...known }],
  ['a suspension', [registered, suspended], { status: 'suspended', from: 'pending', until: later(60), ...known }],
  [
    'a suspension of an active peer',
    [registered, verified, suspended],
    { status: 'suspended', from: 'active', until: later(60), ...known },
  ],
  [
    'a challenge that ends during it',
    [registered, suspended, verified],
    { status: 'suspended', from: 'active', until: later(60), ...known },
  ],
  ['the resumption then', [registered, suspended, verified, resumed], { status: 'active', ...known }],
  ['a resumption', [registered, suspended, resumed], { status: 'pending', ...known }],
  ['another label', [registered, suspended, labelled, resumed], { status: 'pending', ...known, label: 'Lisbon, third hall' }],
  [
    'a verdict',
    [registered, verified, statusChanged('unknown', 'disconnected')],
    { status: 'active', ...known, lastStatus: { to: 'disconnected', reason: 'connect_refused' } },
  ],
  [
    'a verdict before a suspension',
    [registered, statusChanged('pending', 'auth_failed'), suspended, resumed],
    { status: 'pending', ...known },
  ],
  ['a verdict before the challenge', [registered, statusChanged('pending', 'auth_failed'), verified], { status: 'active', ...known }],
  ['a removal', [registered, verified, removed], { status: 'removed', remote_peer_id: 'inst-7f3q' }],
])('after %s', (_name, facts, state) => expect(after(...facts)).toEqual(state));

const anything = fc.array(fc.constantFrom(labelled, statusChanged('unknown', 'degraded'), verified, suspended, resumed, removed), {
  maxLength: 12,
});

it('is what it was before, whatever happened while it was suspended', () => {
  const during = fc.array(fc.constantFrom(labelled, suspended), { maxLength: 6 });
  fc.assert(
    fc.property(fc.boolean(), during, (isActive, facts) => {
      const before = isActive ? [registered, verified] : [registered];
      expect(after(...before, suspended, ...facts, resumed).status).toBe(isActive ? 'active' : 'pending');
    }),
  );
});

it('stays removed, and stays unknown, whatever comes', () => {
  fc.assert(
    fc.property(anything, (facts) => {
      expect(after(registered, removed, ...facts).status).toBe('removed');
      expect(after(...facts).status).toBe('unknown');
    }),
  );
});

it('never changes which instance it is', () => {
  fc.assert(fc.property(anything, (facts) => expect(after(registered, ...facts)).toMatchObject({ remote_peer_id: 'inst-7f3q' })));
});
