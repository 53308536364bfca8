import { HelloAsk, understood } from './messages.js';

const hello = { boot_id: 'boot-1', sent_at: '2026-02-01T12:00:00.000Z', protocol_min: 1, protocol_max: 1, step: 'hello', challenge: null };
const read = (text: string): HelloAsk | undefined => understood(HelloAsk, Buffer.from(text));
/** As deep as a body of a link may be. */
const DEEP = '['.repeat(32_000) + ']'.repeat(32_000);

it('what a newer side says beyond the shape is passed over, however deep it is', () => {
  const said = read(JSON.stringify({ ...hello, mood: { is: 'good' } }));
  expect(said).toEqual(hello);
  expect(read(`{"more":${DEEP},${JSON.stringify(hello).slice(1)}`)).toEqual(hello);
});

it.each([
  ['no JSON', 'hello'],
  ['a list', '[]'],
  ['null', 'null'],
  ['nothing of it', '{}'],
  ['an object where a text belongs', JSON.stringify({ ...hello, boot_id: {} })],
  ['lists in lists', `{"boot_id":${DEEP}}`],
])('%s is not understood', (_what, text) => expect(read(text)).toBeUndefined());
