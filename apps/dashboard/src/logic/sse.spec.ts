import fc from 'fast-check';
import { EventReader } from './sse.js';

const TEXT =
  ': hi\n\nevent: hello\ndata: {"a":1}\n\nid: f1\nevent: patch\ndata: one\ndata: two\n\ndata: bare\r\n\r\nid: f2\n\nretry: 5\ndata\n\n';

it('reads events, their names, and lines put together', () => {
  const reader = new EventReader();
  expect(reader.push(TEXT)).toEqual([
    { event: 'hello', data: '{"a":1}' },
    { event: 'patch', data: 'one\ntwo' },
    { event: 'message', data: 'bare' },
    { event: 'message', data: '' },
  ]);
  expect(reader.lastEventId).toBe('f2');
});

it('reads the same wherever a chunk is cut', () => {
  const whole = new EventReader().push(TEXT);
  fc.assert(
    fc.property(fc.array(fc.nat(TEXT.length), { maxLength: 12 }), (cuts) => {
      const reader = new EventReader();
      const ends = [...cuts.toSorted((a, b) => a - b), TEXT.length];
      const events = ends.flatMap((end, index) => reader.push(TEXT.slice(index === 0 ? 0 : ends[index - 1], end)));
      expect(events).toEqual(whole);
    }),
  );
});

it('moves the id only with an event that came whole', () => {
  const reader = new EventReader();
  reader.push('id: f1\ndata: x\n\nid: f2\ndata: y\n');
  expect(reader.lastEventId).toBe('f1');
  reader.push('\n');
  expect(reader.lastEventId).toBe('f2');
});
