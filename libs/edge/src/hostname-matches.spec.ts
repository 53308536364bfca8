import fc from 'fast-check';
import { hostnameMatches } from './hostname-matches.js';

it.each([
  ['edge-1', 'edge-1', true],
  ['edge-1', 'EDGE-1', true],
  ['edge-1', 'edge-10', false],
  ['edge-1', 'xedge-1', false],
  ['edge-*', 'edge-', true],
  ['edge-*', 'edge-1.berlin', true],
  ['*.berlin', 'edge-1.berlin', true],
  ['*.berlin', 'edge-1.berlin.example', false],
  ['e*-*n', 'edge-berlin', true],
  ['*', '', true],
  ['**', 'x', true],
  ['a.c', 'abc', false],
  ['', 'x', false],
])('%s and %s: %s', (pattern, hostname, matches) => expect(hostnameMatches(pattern, hostname)).toBe(matches));

it('means what the regular expression would', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 12 });
  fc.assert(
    fc.property(text, text, (pattern, hostname) => {
      const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      expect(hostnameMatches(pattern, hostname)).toBe(expression.test(hostname));
    }),
  );
});

it('takes its time from nobody', () => {
  const startedMs = performance.now();
  hostnameMatches('*a'.repeat(126), 'a'.repeat(253));
  hostnameMatches(`${'*a'.repeat(125)}b`, 'a'.repeat(253));
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});
