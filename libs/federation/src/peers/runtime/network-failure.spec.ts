import { networkFailure } from './network-failure.js';

it.each([
  ['ECONNREFUSED', 'connect_refused', 'peer.example refuses connections.'],
  ['EHOSTUNREACH', 'host_unreachable', 'peer.example cannot be reached: no way leads to the host (EHOSTUNREACH).'],
  ['ENETUNREACH', 'network_unreachable', 'peer.example cannot be reached: this machine has no route to its network (ENETUNREACH).'],
  [
    'EADDRNOTAVAIL',
    'address_unavailable',
    'peer.example cannot be reached: this machine has no address or port to connect from (EADDRNOTAVAIL).',
  ],
  ['http.outbound-denied', 'outbound_denied', 'peer.example is at an address that this instance may not reach.'],
])('gives %s the reason %s and its own words', (code, reason, detail) => {
  expect(networkFailure(Object.assign(new Error('no'), { code }), 'peer.example')).toEqual({ reason, detail });
});

it('finds the code of a failure that undici or a name with two addresses wrapped', () => {
  const inner = Object.assign(new Error('no route'), { code: 'ENETUNREACH' });
  expect(networkFailure(new TypeError('fetch failed', { cause: new AggregateError([inner]) }), 'peer.example').reason).toBe(
    'network_unreachable',
  );
});
