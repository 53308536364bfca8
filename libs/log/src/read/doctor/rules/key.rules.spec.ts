import { keyRule } from './key.rules.js';

const fingerprint = '21fe-31df-a154-a261-626b-f854-046f-d227';

it('names the fingerprint of a key that is there', () => {
  expect(keyRule({ state: 'ready', fingerprint })).toMatchObject({
    state: 'ok',
    detail: expect.stringContaining(fingerprint),
    next: null,
  });
});

it.each(['missing', 'sealed'] as const)('fails while the private half is %s, and names the command that makes another key', (state) => {
  const finding = keyRule({ state, fingerprint });
  expect(finding).toMatchObject({ state: 'fail', detail: expect.stringContaining(fingerprint) });
  expect(finding.next).toMatch(/npm run log -- new-key.*peers pin <peer> --fingerprint/);
});

it.each(['unmade', 'unread'] as const)('warns while the key is %s', (state) => {
  expect(keyRule({ state, fingerprint: null })).toMatchObject({ state: 'warn' });
});
