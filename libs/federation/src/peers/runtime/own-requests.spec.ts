import { OwnRequests } from './own-requests.provider.js';

it('keeps nothing of a nonce that is not one of its own: anybody may send one here', () => {
  const own = new OwnRequests();
  own.arrived('of-somebody-else');
  expect(own.end('of-somebody-else')).toBe(false);
});

it('tells that a request came back only once, and only while it waits', () => {
  const own = new OwnRequests();
  own.begin('nonce');
  own.arrived('nonce');
  expect([own.end('nonce'), own.end('nonce')]).toEqual([true, false]);
});
