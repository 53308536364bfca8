import { type Reading, answered } from './reading.js';
import { Course, T0, found, good, refused, timedOut, times } from '../../testing/course.js';

const red = (): Course => {
  const course = new Course('postgresql');
  course.probes(good(), refused, refused, refused);
  return course;
};

describe('unknown', () => {
  it('is what nobody has probed', () => {
    const course = new Course('postgresql');
    expect(course.verdict).toMatchObject({ status: 'unknown', reason: 'never_connected', sentence: 'Not probed yet.', lastGoodMs: null });
    expect(course.passes(3_600_000)).toBe('unknown');
    expect(course.verdict.reason).toBe('never_connected');
  });

  it('is green at the first good probe', () => {
    const course = new Course('postgresql');
    expect(course.probes(good(3))).toEqual(['green']);
    expect(course.verdict).toMatchObject({ reason: null, sentence: 'Nothing is wrong.', sinceMs: course.nowMs, lastGoodMs: course.nowMs });
  });

  it('is green at the first good probe after failures that were too few to be red', () => {
    expect(new Course('postgresql').probes(refused, refused, good())).toEqual(['unknown', 'unknown', 'green']);
  });

  it('is red after three failures, and amber when the first good probe found a fault', () => {
    expect(new Course('postgresql').probes(refused, refused, refused)).toEqual(['unknown', 'unknown', 'red']);
    expect(new Course('nats').probes(found('amber'))).toEqual(['amber']);
    expect(new Course('gateway').probes(found('red', 'not_openclaw'))).toEqual(['red']);
  });

  it('is what three intervals without a result make of anything', () => {
    for (const course of [new Course('postgresql'), red()]) {
      course.probes(good());
      const before = course.verdict.lastGoodMs;
      expect(course.passes(44_999)).not.toBe('unknown');
      expect(course.passes(1)).toBe('unknown');
      expect(course.verdict).toMatchObject({
        reason: 'observer_unhealthy',
        sentence: 'No probe brought a result for 45 s.',
        lastGoodMs: before,
      });
    }
  });
});

describe('green to amber', () => {
  it('needs two breaches', () => {
    expect(new Course('postgresql').probes(good(), good(80), good(), good(90))).toEqual(['green', 'green', 'green', 'amber']);
  });

  it('does not count one slow probe twice, for as long as it stays in the p95', () => {
    expect(new Set(new Course('postgresql').probes(good(), good(400), ...times(9, good())))).toEqual(new Set(['green']));
  });

  it('holds no latency against what is seen for the first time', () => {
    const fresh = new Course('valkey');
    for (let i = 0; i < 14; i++) expect(fresh.step(2_000, { reading: good(64) })).toBe('green');
    expect([fresh.step(2_000, { reading: good(64) }), fresh.step(2_000, { reading: good(64) })]).toEqual(['green', 'amber']);
  });

  it('forgets a breach after eight probes', () => {
    expect(new Course('postgresql').probes(good(), good(400), ...times(7, good()), good(400)).at(-1)).toBe('green');
    expect(new Course('postgresql').probes(good(), good(400), ...times(6, good()), good(400)).at(-1)).toBe('amber');
  });

  it('says what it measured against which limit', () => {
    const course = new Course('valkey');
    course.probes(good(), good(64), good(63.7));
    expect(course.verdict).toMatchObject({ reason: 'slow', sentence: 'Slow: p95 of the last probes is 64 ms, the limit 20 ms.' });
    expect(course.verdict.grounds.probes).toBe(8);
  });

  it('comes with 20 % failures of the last ten, not with one', () => {
    const course = new Course('api');
    expect(course.probes(...times(4, good()), timedOut, ...times(4, good()))).not.toContain('amber');
    expect(course.probes(timedOut)).toEqual(['amber']);
    expect(course.verdict).toMatchObject({ reason: 'error_rate', sentence: '2 of the last 10 probes failed: No answer within 3 s.' });
  });

  it('is at once for what has no threshold', () => {
    const course = new Course('gateway');
    expect(course.probes(good(), found('amber', 'draining'))).toEqual(['green', 'amber']);
    expect(course.verdict).toMatchObject({ reason: 'draining', sentence: 'draining was found.' });
  });
});

describe('amber to green', () => {
  it('needs four evaluations in a row below 0.8 of the limit', () => {
    const course = new Course('postgresql');
    course.probes(good(), good(80), good(80));
    // Seven more until no slow probe is among the last eight, then the fourth of those: 39 ms is below 0.8 x 50 ms.
    expect(course.probes(...times(10, good(39)))).toEqual(times(10, 'amber'));
    expect(course.probes(good(39))).toEqual(['green']);
  });

  it('does not come while it stays between 0.8 of the limit and the limit', () => {
    const course = new Course('postgresql');
    course.probes(good(), good(80), good(80));
    expect(new Set(course.probes(...times(30, good(41))))).toEqual(new Set(['amber']));
  });

  it('begins to count again when something was found', () => {
    const course = new Course('nats', { status: 'amber', reason: 'sync_stale' });
    expect(course.probes(good(), good(), good(), found('amber'), good(), good(), good(), good()).slice(-2)).toEqual(['amber', 'green']);
  });
});

describe('red', () => {
  it('needs three failures in a row, and says how the last one failed', () => {
    const course = new Course('postgresql');
    expect(course.probes(good(), refused, refused, timedOut)).toEqual(['green', 'green', 'amber', 'red']);
    expect(course.verdict).toMatchObject({ reason: 'heartbeat_timeout', sentence: '3 probes in a row failed: No answer within 3 s.' });
    expect(course.verdict).toMatchObject({ sinceMs: course.nowMs, lastGoodMs: T0 + 15_000, grounds: { probes: 3, components: [] } });
  });

  it('needs two for a gateway', () => {
    expect(new Course('gateway').probes(good(), timedOut, timedOut)).toEqual(['green', 'green', 'red']);
  });

  it('is not what a success between failures leaves', () => {
    expect(new Course('postgresql').probes(good(), ...times(4, [refused, refused, good()]).flat())).not.toContain('red');
  });

  it('is never latency alone', () => {
    expect(new Course('postgresql').probes(...times(30, good(2_999)))).not.toContain('red');
  });

  it('keeps its reason until another was seen twice in a row', () => {
    const course = red();
    expect(course.verdict.reason).toBe('connect_refused');
    course.probes(timedOut, refused, timedOut);
    course.passes(1_000); // No probe, no second sight.
    expect(course.verdict.reason).toBe('connect_refused');
    const { sinceMs } = course.verdict;
    course.probes(timedOut);
    expect(course.verdict).toMatchObject({ status: 'red', reason: 'heartbeat_timeout', sinceMs });
  });
});

describe('recovering', () => {
  it('comes after two good probes and is green after 60 s', () => {
    const course = red();
    expect(course.probes(good(), refused, good(), good())).toEqual(['red', 'red', 'red', 'recovering']);
    expect(course.verdict).toMatchObject({ reason: 'connect_refused', grounds: { probes: 2, components: [] } });
    expect(course.verdict.sentence).toMatch(/^Answers again; green after 60 s without a fault\. It was: 3 probes in a row failed/);
    expect(course.probes(good(), good(), good(), good())).toEqual(['recovering', 'recovering', 'recovering', 'green']);
  });

  it('counts the 60 s from the last fault', () => {
    const course = red();
    course.probes(good(), good(), good(), good());
    expect(course.probes(refused, good(), good(), good(), good())).toEqual(times(4, 'recovering').concat('green'));
    const slow = red();
    slow.probes(good(), good(), good(), good());
    expect(slow.probes(good(80), good(), good(), good(), good())).toEqual(times(4, 'recovering').concat('green'));
  });

  it('turns red and amber as green does', () => {
    const course = red();
    course.probes(good(), good());
    expect(course.probes(refused, refused, refused)).toEqual(['recovering', 'amber', 'red']);
    const slow = red();
    slow.probes(good(), good());
    expect(slow.probes(good(80), good(80))).toEqual(['recovering', 'amber']);
  });
});

describe('the details of an unchanged reason', () => {
  const down = (...names: string[]): Reading => {
    const details = { down_count: names.length, members: 5, down: names, critical: [] };
    return answered(null, { findings: names.length === 0 ? [] : [{ colour: 'amber', reason: 'dependency_down', details }] });
  };

  it('follow each evaluation, and the status stays as old as it is', () => {
    const course = new Course('gateways');
    course.probes(down(), down('g1'));
    const { sinceMs } = course.verdict;
    expect(course.verdict.sentence).toBe('1 of 5 gateways is down: g1.');
    course.probes(down('g1', 'g2'));
    expect(course.verdict.sentence).toBe('2 of 5 gateways are down: g1, g2.');
    course.probes(down('g2'));
    expect(course.verdict).toMatchObject({ status: 'amber', sinceMs, sentence: '1 of 5 gateways is down: g2.' });
  });

  it('say that the cause is over while amber outlives it', () => {
    const course = new Course('gateways');
    course.probes(down(), down('g1'), down());
    expect(course.verdict).toMatchObject({
      status: 'amber',
      sentence: 'Not so any more; green after 4 calm evaluations in a row, 1 so far. It was: 1 of 5 gateways is down: g1.',
    });
    course.probes(down());
    expect(course.verdict.sentence).toContain('2 so far. It was: 1 of 5 gateways is down: g1.');
  });

  it('count on while probes fail', () => {
    const course = red();
    course.probes(refused, refused);
    expect(course.verdict.sentence).toBe('5 probes in a row failed: 127.0.0.1:5432 refuses connections.');
  });

  it('name the parents that are red now', () => {
    const course = new Course('projections');
    course.passes(1_000, { redParents: ['nats', 'postgresql'] });
    course.passes(1_000, { redParents: ['postgresql'] });
    expect(course.verdict).toMatchObject({
      sentence: 'Cannot be judged while postgresql is down.',
      grounds: { components: ['postgresql'] },
    });
  });
});

describe('a red parent', () => {
  it('greys what depends on it, whatever that itself does', () => {
    const course = new Course('projections');
    course.probes(good());
    expect(course.passes(1_000, { redParents: ['nats', 'postgresql'] })).toBe('unknown');
    expect(course.verdict).toMatchObject({
      reason: 'dependency_down',
      sentence: 'Cannot be judged while nats and postgresql are down.',
      grounds: { probes: 0, components: ['nats', 'postgresql'] },
    });
    for (const reading of [refused, refused, refused, refused, null])
      expect(course.step(5_000, { reading, redParents: ['nats'] })).toBe('unknown');
    expect(course.verdict.reason).toBe('dependency_down');
  });

  it('leaves nothing behind', () => {
    const course = new Course('projections');
    course.probes(good());
    for (let i = 0; i < 20; i++) course.step(5_000, { reading: refused, redParents: ['nats'] });
    expect(course.probes(refused, good())).toEqual(['unknown', 'green']);
    expect(course.standing.memory.flap.isFlapping).toBe(false);
  });

  it('does not count what was wrong before it', () => {
    const course = new Course('projections');
    course.probes(good(), refused, refused);
    course.passes(1_000, { redParents: ['nats'] });
    expect(course.probes(refused, good(), refused)).toEqual(['unknown', 'green', 'green']);
  });

  it('is a reason to look for three intervals before saying that nobody looks', () => {
    const course = new Course('projections');
    course.probes(good());
    course.passes(60_000, { redParents: ['nats'] });
    course.passes(7_000);
    course.passes(7_999);
    expect(course.verdict.reason).toBe('dependency_down');
    course.passes(1);
    course.passes(1_000);
    expect(course.verdict).toMatchObject({ status: 'unknown', reason: 'observer_unhealthy' });
  });
});

it('shows what began to fail with most others as unknown for a while, and then judges it', () => {
  const course = new Course('postgresql');
  course.probes(good());
  expect(course.step(15_000, { reading: refused, doubted: true })).toBe('unknown');
  expect(course.verdict.reason).toBe('observer_unhealthy');
  expect(course.step(2_000, { reading: refused, doubted: true })).toBe('unknown');
  expect(course.step(2_000, { reading: refused, doubted: true })).toBe('unknown');
  expect(course.step(1_000, {})).toBe('red');
});

describe('flapping', () => {
  const cycle = [refused, refused, refused, good(), good(), good(), good(), good(), good()]; // amber, red, recovering, green

  it('is amber and says how often it changed', () => {
    const course = new Course('postgresql');
    course.probes(good(), ...cycle);
    expect(course.verdict.reason).not.toBe('flapping');
    course.probes(...cycle);
    expect(course.verdict).toMatchObject({ status: 'amber', reason: 'flapping' });
    expect(course.verdict.sentence).toMatch(/^Flapping \(8 changes in 5 min\), now green\.$/);
  });

  it('ends with an outage: red for four intervals', () => {
    for (const kind of ['postgresql', 'gateway', 'projections'] as const) {
      const course = new Course(kind);
      course.probes(good(), ...cycle, ...cycle, ...times(kind === 'postgresql' ? 5 : 4, refused));
      expect(course.verdict.reason).toBe('flapping');
      expect(course.probes(...times(3, refused)).at(-1)).toBe('red');
      expect(course.verdict.reason).toBe('connect_refused');
    }
  });

  it('ends when it has been quiet', () => {
    const course = new Course('postgresql');
    course.probes(good(), ...cycle, ...cycle);
    expect(course.probes(...times(6, good()))).toContain('amber');
    expect(course.probes(...times(20, good())).at(-1)).toBe('green');
  });
});

describe('after a restart of the observer', () => {
  it('goes on from what the log has', () => {
    expect(new Course('postgresql', { status: 'red', reason: 'connect_refused' }).probes(good(), good())).toEqual(['red', 'recovering']);
    expect(new Course('postgresql', { status: 'amber', reason: 'slow' }).probes(...times(4, good()))).toEqual([
      'amber',
      'amber',
      'amber',
      'green',
    ]);
    expect(new Course('postgresql', { status: 'green', reason: null }).probes(refused, refused)).toEqual(['green', 'amber']);
    expect(new Course('postgresql', { status: 'recovering', reason: 'slow' }).probes(...times(4, good()))).toEqual([
      'recovering',
      'recovering',
      'recovering',
      'green',
    ]);
  });

  it('says nothing new about what has not changed', () => {
    const course = new Course('postgresql', { status: 'green', reason: null });
    course.probes(good());
    expect(course.verdict).toMatchObject({ sinceMs: T0, sentence: 'Nothing is wrong.' });
  });
});
