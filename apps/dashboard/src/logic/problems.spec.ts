import type { Problem } from '../contract.js';
import { troubleOf } from './problems.js';

const HINTS = { url: /url/, label: /label/ };
const problem = (over: Partial<Problem>): Problem => ({
  type: '',
  title: '',
  status: 422,
  code: 'federation.url-denied',
  detail: 'Not this one.',
  next: 'Give another.',
  ...over,
});

it('puts each error at the field it names', () => {
  const errors = [
    { field: 'url', message: 'url must be a URL' },
    { field: 'url', message: 'url is too long.' },
    { field: 'label', message: 'label must not be empty' },
  ];
  expect(troubleOf(problem({ status: 400, code: 'http.invalid', errors }), HINTS)).toEqual({
    fields: { url: 'url must be a URL. url is too long.', label: 'label must not be empty.' },
    general: null,
  });
});

it('puts a refusal at the field its code is about, with the way out', () => {
  expect(troubleOf(problem({}), HINTS)).toEqual({ fields: { url: 'Not this one. Give another.' }, general: null });
});

it('calls a field as the form does', () => {
  const names = { url: 'URL', outbound_secret: 'shared secret' };
  const errors = [{ field: 'url', message: 'url must be a URL' }];
  expect(troubleOf(problem({ errors }), { ...HINTS, outbound_secret: /secret/ }, names).fields).toEqual({ url: 'URL must be a URL.' });
  const weak = problem({ code: 'federation.secret-weak', detail: 'The outbound_secret is short.' });
  expect(troubleOf(weak, { ...HINTS, outbound_secret: /secret/ }, names).fields).toEqual({
    outbound_secret: 'The shared secret is short. Give another.',
  });
});

it.each([
  ['a code about no field', problem({ code: 'access.denied', status: 403 })],
  ['an error of a field the form does not have', problem({ errors: [{ field: 'idempotency-key', message: 'is wrong' }] })],
  ['a machine that failed, whatever its code', problem({ status: 503, code: 'url.broken' })],
])('leaves above the form: %s', (_, given) => expect(troubleOf(given, HINTS)).toEqual({ fields: {}, general: given }));
