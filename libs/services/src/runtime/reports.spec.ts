import fc from 'fast-check';
import { newEvent } from '@app/kernel';
import { ComponentStatusChanged } from '../events/index.js';
import { answered, failed } from './probe-result.js';
import { changed, evaluated, probed, stateOf } from './reports.js';
import type { Evaluation } from './watch.js';

const NOW = Date.parse('2026-02-01T12:00:00.000Z');
const last = { status: 'red', reason: 'error_rate', details: {}, since: '2026-02-01T11:00:00.000Z', last_good_at: null } as const;
const evaluation = (said: string): Evaluation => {
  const evaluationState = stateOf({ ...last, details: { said, names: [said] } }, NOW);
  return { componentId: 'postgresql', atMs: NOW, result: null, before: evaluationState.evaluated, evaluationState, nextProbeAtMs: NOW };
};
const foreign = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 700 }),
  fc.array(fc.constantFrom('\0', '\n', '\u001b', '\ud800', '🙂', 'a'), { maxLength: 700 }).map((parts) => parts.join('')),
);

it('reports of probes are valid, whatever a component says of itself or an error says', () => {
  fc.assert(
    fc.property(foreign, (text) => {
      const finding = { colour: 'amber', reason: 'starting', detail: text } as const;
      expect(probed(evaluation(''), answered(1, { version: text, findings: [finding] })).data.detail).not.toContain('\0');
      expect(probed(evaluation(''), failed('error_rate', text)).data.detail.isWellFormed()).toBe(true);
    }),
  );
});

it('verdicts and evaluations are valid, whatever an earlier release stored or a component said', () => {
  fc.assert(
    fc.property(foreign, (text) => {
      const change = newEvent(ComponentStatusChanged, { ...changed(evaluation(text), 1), evidence: [] });
      expect(evaluated('postgresql', evaluation(text).evaluationState.evaluated, []).data.details).toEqual(change.data.details);
    }),
  );
});
