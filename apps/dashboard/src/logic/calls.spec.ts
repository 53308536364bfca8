import { OUTCOMES } from './address.js';
import { amount, begunAs, protocolOf, size, waitShare } from './calls.js';

it.each([
  [null, '–'],
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1 KB'],
  [2_140, '2.1 KB'],
  [48_600, '49 KB'],
  [1_048_576, '1 MB'],
])('%p bytes are %s', (bytes, text) => expect(size(bytes)).toBe(text));

it.each([
  [0, '0'],
  [1_204, '1,204'],
  [99_999, '99,999'],
  [612_400, '612.4K'],
  [3_204_118, '3.2M'],
])('%d is %s', (value, text) => expect(amount(value)).toBe(text));

it('says the protocol by what is known of it', () => {
  expect(protocolOf({ binding: 'JSONRPC', protocol_version: '0.3' })).toBe('JSON-RPC, A2A 0.3');
  expect(protocolOf({ binding: 'HTTP+JSON', protocol_version: null })).toBe('HTTP+JSON');
  expect(protocolOf({ binding: null, protocol_version: null })).toBeNull();
});

it('shares the time of a call into the waiting and the rest', () => {
  expect(waitShare({ first_byte_ms: 50, total_ms: 200 })).toBe(0.25);
  expect(waitShare({ first_byte_ms: 201, total_ms: 200 })).toBe(1);
  expect(waitShare({ first_byte_ms: null, total_ms: 200 })).toBeNull();
  expect(waitShare({ first_byte_ms: 5, total_ms: null })).toBeNull();
  expect(waitShare({ first_byte_ms: 0, total_ms: 0 })).toBeNull();
});

it('calls nothing accepted that was refused', () => {
  expect(begunAs('denied')).toBe('Asked for');
  for (const outcome of OUTCOMES) if (outcome !== 'denied') expect(begunAs(outcome)).toBe('Accepted');
});
