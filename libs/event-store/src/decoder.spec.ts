import { type Id, asId } from '@app/kernel';
import { headersLike, shelf } from '@app/event-store/testing';
import { Decoder } from './decoder.js';
import { Catalogue, type RawMessage } from './envelope.js';

const NOTHING_VOIDED = { has: () => false };
const decoder = new Decoder(new Catalogue(Object.values(shelf)), NOTHING_VOIDED);
const id: Id<'Item'> = asId('a');
const body = JSON.stringify({ item_id: id, n: 1, note: '' });

/** A message as any of the client's APIs brings it. */
function message(head: Readonly<Record<string, string>> | undefined, text = body, subject = 'facts.test.thing.a'): RawMessage {
  const headers = head === undefined ? undefined : { get: (name: string) => head[name] ?? '' };
  return { subject, seq: 7, headers, size: text.length, json: <T>() => JSON.parse(text) as T };
}
const put = headersLike('test.thing.put');

it('reads an event of today', () => {
  expect(decoder.decode(message(put))).toMatchObject({
    is: 'event',
    event: { type: 'test.thing.put', position: 7, data: { item_id: 'a', n: 1 } },
  });
});

it('treats a voided message as absent, whatever it holds', () => {
  const voids = { has: (stream: string, position: number) => stream === 'facts' && position === 7 };
  const voiding = new Decoder(new Catalogue(Object.values(shelf)), voids);
  expect(voiding.decode(message(undefined, 'no json'))).toEqual({ is: 'voided' });
});

it.each([
  ['no headers at all', message(undefined), 'decode.missing-headers'],
  ['no type', message({ ...put, 'ce-type': '' }), 'decode.missing-headers'],
  ['no version', message({ ...put, 'ce-dataschema': '' }), 'decode.missing-headers'],
  ['a version that is no number', message({ ...put, 'ce-dataschema': '/schemas/test.thing.put/x' }), 'decode.missing-headers'],
  ['version 0', message({ ...put, 'ce-dataschema': '/schemas/test.thing.put/0' }), 'decode.missing-headers'],
  ['no id', message({ ...put, 'ce-id': '' }), 'decode.missing-headers'],
  ['a time that is no instant', message({ ...put, 'ce-time': 'yesterday' }), 'decode.missing-headers'],
  ['half a body', message(put, '{"item_id":'), 'decode.malformed-json'],
  ['an empty body', message(put, ''), 'decode.malformed-json'],
  ['a list as its body', message(put, '[]'), 'decode.malformed-json'],
  ['null as its body', message(put, 'null'), 'decode.malformed-json'],
  ['a text as its body', message(put, '"a"'), 'decode.malformed-json'],
  ['an unknown type', message(headersLike('test.thing.dropped')), 'decode.unknown-type'],
  ['an unknown version', message(headersLike('test.thing.put', 99)), 'decode.unknown-version'],
  ['the data of another aggregate', message(put, body, 'facts.test.thing.b'), 'decode.wrong-subject'],
  ['the subject of another kind', message(put, body, 'facts.test.other.a'), 'decode.wrong-subject'],
  ['no id in its data', message(put, '{}'), 'decode.wrong-subject'],
])('cannot read a message with %s', (_what, raw, code) => {
  expect(decoder.decode(raw)).toMatchObject({ is: 'unreadable', code });
});

it.each([
  ['type', headersLike('test.thing.dropped', 1, { 'cb-release': '9.1.0' })],
  ['version', headersLike('test.thing.put', 99, { 'cb-release': '9.1.0' })],
])('tells an unknown %s of a newer release from a foreign message', (_what, head) => {
  expect(decoder.decode(message(head))).toMatchObject({ is: 'newer', release: '9.1.0' });
});
