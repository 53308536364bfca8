import fc from 'fast-check';
import { newEvent } from '@app/kernel';
import { ComponentStatusChanged } from '../events/index.js';
import { answered, failed } from '../verdict/reading.js';
import { changed, probed, standingOf } from './reports.js';
import type { Judged } from './watch.js';

const NOW = Date.parse('2026-02-01T12:00:00.000Z');
const last = { status: 'red', reason: 'error_rate', sentence: '', since: '2026-02-01T11:00:00.000Z', last_good_at: null } as const;
const judged = (sentence: string): Judged => {
  const standing = standingOf({ ...last, sentence }, NOW);
  return { componentId: 'postgresql', atMs: NOW, reading: null, before: standing.verdict, standing, nextProbeAtMs: NOW };
};
const foreign = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 700 }),
  fc.array(fc.constantFrom('\0', '\n', '\u001b', '\ud800', '🙂', 'a'), { maxLength: 700 }).map((parts) => parts.join('')),
);

it('reports of probes are valid, whatever a component says of itself or an error says', () => {
  fc.assert(
    fc.property(foreign, (text) => {
      const finding = { colour: 'amber', reason: 'starting', detail: text } as const;
      expect(probed(judged(''), answered(1, { version: text, findings: [finding] })).data.detail).not.toContain('\0');
      expect(probed(judged(''), failed('error_rate', text)).data.detail.isWellFormed()).toBe(true);
    }),
  );
});

it('verdicts are valid, whatever sentence an earlier release stored', () => {
  fc.assert(
    fc.property(foreign, (text) => {
      const change = { ...changed(judged(text), 1), evidence: [] };
      expect(newEvent(ComponentStatusChanged, change).data.sentence.length).toBeLessThanOrEqual(1_000);
    }),
  );
});
