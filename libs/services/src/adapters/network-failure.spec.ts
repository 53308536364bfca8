import { networkFailure } from './network-failure.js';

it.each([
  ['ECONNREFUSED', 'connect_refused'],
  ['EHOSTUNREACH', 'host_unreachable'],
  ['ENETUNREACH', 'network_unreachable'],
  ['EADDRNOTAVAIL', 'address_unavailable'],
])('gives %s the reason %s', (code, reason) => {
  expect(networkFailure(Object.assign(new Error('no'), { code }), 'gw.example')).toMatchObject({ ok: false, reason });
});
