import fc from 'fast-check';
import { withSentences } from '../../testing/status-history.js';
import { COMPONENT_STATUSES } from '../events/component-status.js';
import { type Member, gatewaysProbeResult } from './gateways.probe.js';

const member = (name: string, status: Member['status'], critical = false): Member => ({ name, status, critical });
const found = (...members: Member[]) => withSentences(gatewaysProbeResult(members));

it('finds nothing while none is down, however slow they are', () => {
  expect(found(member('a', 'green'), member('b', 'amber'), member('c', 'recovering'))).toEqual([]);
});

it('is amber when any is down', () => {
  expect(found(member('a', 'green'), member('b', 'red'), member('c', 'green'))).toEqual([
    { colour: 'amber', reason: 'dependency_down', sentence: '1 of 3 gateways is down: b.' },
  ]);
});

it('is red when half of them are down', () => {
  expect(found(member('a', 'green'), member('b', 'red'))).toMatchObject([{ colour: 'red', sentence: '1 of 2 gateways is down: b.' }]);
});

it('is red when a critical one is down, and names it first', () => {
  const members = [member('a', 'green'), member('b', 'red'), member('c', 'red', true), member('d', 'green'), member('e', 'green')];
  expect(found(...members)).toMatchObject([{ colour: 'red', sentence: '2 of 5 gateways are down: c (critical).' }]);
});

it('counts what is unknown neither way', () => {
  expect(found(member('a', 'green'), member('b', 'red'), member('c', 'unknown'))).toMatchObject([{ colour: 'red' }]);
  expect(found(member('a', 'green'), member('b', 'unknown', true))).toEqual([]);
  expect(found(member('a', 'unknown'), member('b', 'unknown'))).toBeNull();
});

it('stays short with many', () => {
  const many = Array.from({ length: 60 }, (_, i) => member(`gateway-with-a-long-name-${i}`, 'red'));
  expect(found(...many)).toMatchObject([{ sentence: expect.stringMatching(/^60 of 60 gateways are down: .{1,100} and more\.$/) }]);
});

it('is never green with a critical one or half of them down, and never red with neither', () => {
  const members = fc.array(fc.record({ name: fc.constant('g'), critical: fc.boolean(), status: fc.constantFrom(...COMPONENT_STATUSES) }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(members, (all) => {
      const known = all.filter(({ status }) => status !== 'unknown').length;
      const down = all.filter(({ status }) => status === 'red');
      const colours = [found(...all) ?? []].flat().map((finding) => ('colour' in finding ? finding.colour : ''));
      const isRed = known > 0 && down.length > 0 && (down.some(({ critical }) => critical) || down.length * 2 >= known);
      expect(colours).toEqual(isRed ? ['red'] : down.length > 0 ? ['amber'] : []);
    }),
  );
});
