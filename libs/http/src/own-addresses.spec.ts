import { OwnAddresses } from './own-addresses.js';

const NOW = Date.parse('2027-01-15T12:00:00.000Z');
const addresses = new OwnAddresses({
  publicUrl: 'https://claw.example',
  aliases: [
    { url: 'https://old.example:8443', endsAt: '2027-02-01T00:00:00.000Z' },
    { url: 'http://localhost:4601', endsAt: '2027-01-15T12:00:00.000Z' },
  ],
});

it('accepts PUBLIC_URL for ever, and an alias until its end', () => {
  expect(addresses.accepted(NOW - 1)).toEqual(['claw.example', 'old.example:8443', 'localhost:4601']);
  expect([addresses.accepted(NOW), addresses.ended(NOW)]).toEqual([['claw.example', 'old.example:8443'], ['localhost:4601']]);
});

it.each([
  ['claw.example', 'own'],
  ['old.example:8443', 'own'],
  ['old.example', 'foreign'],
  ['localhost:4601', { endedAt: '2027-01-15T12:00:00.000Z' }],
  ['evil.example', 'foreign'],
])('tells how %s stands to it', (host, check) => {
  expect(addresses.check(host, NOW)).toEqual(check);
});
