import fc from 'fast-check';
import { type Instant, newEvent } from '@app/kernel';
import { later, decider } from '@app/kernel/testing';
import { PeerSuspended } from '../../events/index.js';
import { about, registered, removed, resumed, suspended } from '../../../../testing/index.js';
import { endSuspension } from './end-suspension.decide.js';

const { given } = decider(endSuspension);
const until = (end: Instant | null) => newEvent(PeerSuspended, { ...about, note: '', until: end });

describe('end-suspension', () => {
  it('resumes a peer when the end has come', () =>
    given(registered, suspended)
      .when(about, { at: later(60) })
      .then(resumed));
  it('waits for the end', () =>
    given(registered, suspended)
      .when(about, { at: later(59) })
      .then());
  it('leaves an open-ended suspension alone', () =>
    given(registered, until(null))
      .when(about, { at: later(9_999) })
      .then());
  it('has nothing to do twice', () =>
    given(registered, suspended, resumed)
      .when(about, { at: later(60) })
      .then());
  it.each([
    ['nobody registered', []],
    ['that was removed', [registered, suspended, removed]],
    ['that is not suspended', [registered]],
  ])('has nothing to do for a peer %s', (_name, facts) =>
    given(...facts)
      .when(about, { at: later(60) })
      .then(),
  );

  it('goes by the last end that was set', () => {
    const minutes = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(fc.array(minutes, { minLength: 1, maxLength: 5 }), minutes, (ends, now) => {
        given(registered, ...ends.map((end) => until(later(end))))
          .when(about, { at: later(now) })
          .then(...(now >= (ends.at(-1) ?? 0) ? [resumed] : []));
      }),
    );
  });
});
