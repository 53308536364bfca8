import { type ProbeResult, answered } from './probe-result.js';
import { StatusHistory, T0, found, good, refused, timedOut, times } from '../../testing/status-history.js';

const red = (): StatusHistory => {
  const history = new StatusHistory('postgresql');
  history.probes(good(), refused, refused, refused);
  return history;
};

describe('unknown', () => {
  it('is what nobody has probed', () => {
    const history = new StatusHistory('postgresql');
    expect(history.evaluated).toMatchObject({
      status: 'unknown',
      reason: 'never_connected',
      sentence: 'Not probed yet.',
      lastGoodMs: null,
    });
    expect(history.passes(3_600_000)).toBe('unknown');
    expect(history.evaluated.reason).toBe('never_connected');
  });

  it('is green at the first good probe', () => {
    const history = new StatusHistory('postgresql');
    expect(history.probes(good(3))).toEqual(['green']);
    expect(history.evaluated).toMatchObject({
      reason: null,
      sentence: 'Nothing is wrong.',
      sinceMs: history.nowMs,
      lastGoodMs: history.nowMs,
    });
  });

  it('is green at the first good probe after failures that were too few to be red', () => {
    expect(new StatusHistory('postgresql').probes(refused, refused, good())).toEqual(['unknown', 'unknown', 'green']);
  });

  it('is red after three failures, and amber when the first good probe found a fault', () => {
    expect(new StatusHistory('postgresql').probes(refused, refused, refused)).toEqual(['unknown', 'unknown', 'red']);
    expect(new StatusHistory('nats').probes(found('amber'))).toEqual(['amber']);
    expect(new StatusHistory('gateway').probes(found('red', 'not_openclaw'))).toEqual(['red']);
  });

  it('is what three intervals without a result make of anything', () => {
    for (const history of [new StatusHistory('postgresql'), red()]) {
      history.probes(good());
      const before = history.evaluated.lastGoodMs;
      expect(history.passes(44_999)).not.toBe('unknown');
      expect(history.passes(1)).toBe('unknown');
      expect(history.evaluated).toMatchObject({
        reason: 'observer_unhealthy',
        sentence: 'No probe brought a result for 45 s.',
        lastGoodMs: before,
      });
    }
  });
});

describe('green to amber', () => {
  it('needs two breaches', () => {
    expect(new StatusHistory('postgresql').probes(good(), good(80), good(), good(90))).toEqual(['green', 'green', 'green', 'amber']);
  });

  it('does not count one slow probe twice, for as long as it stays in the p95', () => {
    expect(new Set(new StatusHistory('postgresql').probes(good(), good(400), ...times(9, good())))).toEqual(new Set(['green']));
  });

  it('holds no latency against what is seen for the first time', () => {
    const fresh = new StatusHistory('valkey');
    for (let i = 0; i < 14; i++) expect(fresh.step(2_000, { result: good(64) })).toBe('green');
    expect([fresh.step(2_000, { result: good(64) }), fresh.step(2_000, { result: good(64) })]).toEqual(['green', 'amber']);
  });

  it('forgets a breach after eight probes', () => {
    expect(new StatusHistory('postgresql').probes(good(), good(400), ...times(7, good()), good(400)).at(-1)).toBe('green');
    expect(new StatusHistory('postgresql').probes(good(), good(400), ...times(6, good()), good(400)).at(-1)).toBe('amber');
  });

  it('says what it measured against which limit', () => {
    const history = new StatusHistory('valkey');
    history.probes(good(), good(64), good(63.7));
    expect(history.evaluated).toMatchObject({ reason: 'slow', sentence: 'Slow: p95 of the last probes is 64 ms, the limit 20 ms.' });
    expect(history.evaluated.evidence.probes).toBe(8);
  });

  it('comes with 20 % failures of the last ten, not with one', () => {
    const history = new StatusHistory('api');
    expect(history.probes(...times(4, good()), timedOut, ...times(4, good()))).not.toContain('amber');
    expect(history.probes(timedOut)).toEqual(['amber']);
    expect(history.evaluated).toMatchObject({ reason: 'error_rate', sentence: '2 of the last 10 probes failed: No answer within 3 s.' });
  });

  it('is at once for what has no threshold', () => {
    const history = new StatusHistory('gateway');
    expect(history.probes(good(), found('amber', 'draining'))).toEqual(['green', 'amber']);
    expect(history.evaluated).toMatchObject({ reason: 'draining', sentence: 'draining was found.' });
  });
});

describe('amber to green', () => {
  it('needs four evaluations in a row below 0.8 of the limit', () => {
    const history = new StatusHistory('postgresql');
    history.probes(good(), good(80), good(80));
    // Seven more until no slow probe is among the last eight, then the fourth of those: 39 ms is below 0.8 x 50 ms.
    expect(history.probes(...times(10, good(39)))).toEqual(times(10, 'amber'));
    expect(history.probes(good(39))).toEqual(['green']);
  });

  it('does not come while it stays between 0.8 of the limit and the limit', () => {
    const history = new StatusHistory('postgresql');
    history.probes(good(), good(80), good(80));
    expect(new Set(history.probes(...times(30, good(41))))).toEqual(new Set(['amber']));
  });

  it('begins to count again when something was found', () => {
    const history = new StatusHistory('nats', { status: 'amber', reason: 'sync_stale' });
    expect(history.probes(good(), good(), good(), found('amber'), good(), good(), good(), good()).slice(-2)).toEqual(['amber', 'green']);
  });
});

describe('red', () => {
  it('needs three failures in a row, and says how the last one failed', () => {
    const history = new StatusHistory('postgresql');
    expect(history.probes(good(), refused, refused, timedOut)).toEqual(['green', 'green', 'amber', 'red']);
    expect(history.evaluated).toMatchObject({ reason: 'heartbeat_timeout', sentence: '3 probes in a row failed: No answer within 3 s.' });
    expect(history.evaluated).toMatchObject({ sinceMs: history.nowMs, lastGoodMs: T0 + 15_000, basis: { probes: 3, components: [] } });
  });

  it('needs two for a gateway', () => {
    expect(new StatusHistory('gateway').probes(good(), timedOut, timedOut)).toEqual(['green', 'green', 'red']);
  });

  it('is not what a success between failures leaves', () => {
    expect(new StatusHistory('postgresql').probes(good(), ...times(4, [refused, refused, good()]).flat())).not.toContain('red');
  });

  it('is never latency alone', () => {
    expect(new StatusHistory('postgresql').probes(...times(30, good(2_999)))).not.toContain('red');
  });

  it('keeps its reason until another was seen twice in a row', () => {
    const history = red();
    expect(history.evaluated.reason).toBe('connect_refused');
    history.probes(timedOut, refused, timedOut);
    history.passes(1_000); // No probe, no second sight.
    expect(history.evaluated.reason).toBe('connect_refused');
    const { sinceMs } = history.evaluated;
    history.probes(timedOut);
    expect(history.evaluated).toMatchObject({ status: 'red', reason: 'heartbeat_timeout', sinceMs });
  });
});

describe('recovering', () => {
  it('comes after two good probes and is green after 60 s', () => {
    const history = red();
    expect(history.probes(good(), refused, good(), good())).toEqual(['red', 'red', 'red', 'recovering']);
    expect(history.evaluated).toMatchObject({ reason: 'connect_refused', basis: { probes: 2, components: [] } });
    expect(history.evaluated.sentence).toMatch(/^Answers again; green after 60 s without a fault\. It was: 3 probes in a row failed/);
    expect(history.probes(good(), good(), good(), good())).toEqual(['recovering', 'recovering', 'recovering', 'green']);
  });

  it('counts the 60 s from the last fault', () => {
    const history = red();
    history.probes(good(), good(), good(), good());
    expect(history.probes(refused, good(), good(), good(), good())).toEqual(times(4, 'recovering').concat('green'));
    const slow = red();
    slow.probes(good(), good(), good(), good());
    expect(slow.probes(good(80), good(), good(), good(), good())).toEqual(times(4, 'recovering').concat('green'));
  });

  it('turns red and amber as green does', () => {
    const history = red();
    history.probes(good(), good());
    expect(history.probes(refused, refused, refused)).toEqual(['recovering', 'amber', 'red']);
    const slow = red();
    slow.probes(good(), good());
    expect(slow.probes(good(80), good(80))).toEqual(['recovering', 'amber']);
  });
});

describe('the details of an unchanged reason', () => {
  const down = (...names: string[]): ProbeResult => {
    const details = { down_count: names.length, members: 5, down: names, critical: [] };
    return answered(null, { findings: names.length === 0 ? [] : [{ colour: 'amber', reason: 'dependency_down', details }] });
  };

  it('follow each evaluation, and the status stays as old as it is', () => {
    const history = new StatusHistory('gateways');
    history.probes(down(), down('g1'));
    const { sinceMs } = history.evaluated;
    expect(history.evaluated.sentence).toBe('1 of 5 gateways is down: g1.');
    history.probes(down('g1', 'g2'));
    expect(history.evaluated.sentence).toBe('2 of 5 gateways are down: g1, g2.');
    history.probes(down('g2'));
    expect(history.evaluated).toMatchObject({ status: 'amber', sinceMs, sentence: '1 of 5 gateways is down: g2.' });
  });

  it('say that the cause is over while amber outlives it', () => {
    const history = new StatusHistory('gateways');
    history.probes(down(), down('g1'), down());
    expect(history.evaluated).toMatchObject({
      status: 'amber',
      sentence: 'Not so any more; green after 4 calm evaluations in a row, 1 so far. It was: 1 of 5 gateways is down: g1.',
    });
    history.probes(down());
    expect(history.evaluated.sentence).toContain('2 so far. It was: 1 of 5 gateways is down: g1.');
  });

  it('count on while probes fail', () => {
    const history = red();
    history.probes(refused, refused);
    expect(history.evaluated.sentence).toBe('5 probes in a row failed: 127.0.0.1:5432 refuses connections.');
  });

  it('name the parents that are red now', () => {
    const history = new StatusHistory('projections');
    history.passes(1_000, { redParents: ['nats', 'postgresql'] });
    history.passes(1_000, { redParents: ['postgresql'] });
    expect(history.evaluated).toMatchObject({
      sentence: 'Cannot be judged while postgresql is down.',
      basis: { components: ['postgresql'] },
    });
  });
});

describe('a red parent', () => {
  it('greys what depends on it, whatever that itself does', () => {
    const history = new StatusHistory('projections');
    history.probes(good());
    expect(history.passes(1_000, { redParents: ['nats', 'postgresql'] })).toBe('unknown');
    expect(history.evaluated).toMatchObject({
      reason: 'dependency_down',
      sentence: 'Cannot be judged while nats and postgresql are down.',
      basis: { probes: 0, components: ['nats', 'postgresql'] },
    });
    for (const result of [refused, refused, refused, refused, null])
      expect(history.step(5_000, { result, redParents: ['nats'] })).toBe('unknown');
    expect(history.evaluated.reason).toBe('dependency_down');
  });

  it('leaves nothing behind', () => {
    const history = new StatusHistory('projections');
    history.probes(good());
    for (let i = 0; i < 20; i++) history.step(5_000, { result: refused, redParents: ['nats'] });
    expect(history.probes(refused, good())).toEqual(['unknown', 'green']);
    expect(history.evaluationState.memory.flap.isFlapping).toBe(false);
  });

  it('does not count what was wrong before it', () => {
    const history = new StatusHistory('projections');
    history.probes(good(), refused, refused);
    history.passes(1_000, { redParents: ['nats'] });
    expect(history.probes(refused, good(), refused)).toEqual(['unknown', 'green', 'green']);
  });

  it('is a reason to look for three intervals before saying that nobody looks', () => {
    const history = new StatusHistory('projections');
    history.probes(good());
    history.passes(60_000, { redParents: ['nats'] });
    history.passes(7_000);
    history.passes(7_999);
    expect(history.evaluated.reason).toBe('dependency_down');
    history.passes(1);
    history.passes(1_000);
    expect(history.evaluated).toMatchObject({ status: 'unknown', reason: 'observer_unhealthy' });
  });
});

it('shows what began to fail with most others as unknown for a while, and then judges it', () => {
  const history = new StatusHistory('postgresql');
  history.probes(good());
  expect(history.step(15_000, { result: refused, isCorrelated: true })).toBe('unknown');
  expect(history.evaluated.reason).toBe('observer_unhealthy');
  expect(history.step(2_000, { result: refused, isCorrelated: true })).toBe('unknown');
  expect(history.step(2_000, { result: refused, isCorrelated: true })).toBe('unknown');
  expect(history.step(1_000, {})).toBe('red');
});

describe('flapping', () => {
  const cycle = [refused, refused, refused, good(), good(), good(), good(), good(), good()]; // amber, red, recovering, green

  it('is amber and says how often it changed', () => {
    const history = new StatusHistory('postgresql');
    history.probes(good(), ...cycle);
    expect(history.evaluated.reason).not.toBe('flapping');
    history.probes(...cycle);
    expect(history.evaluated).toMatchObject({ status: 'amber', reason: 'flapping' });
    expect(history.evaluated.sentence).toMatch(/^Flapping \(8 changes in 5 min\), now green\.$/);
  });

  it('ends with an outage: red for four intervals', () => {
    for (const kind of ['postgresql', 'gateway', 'projections'] as const) {
      const history = new StatusHistory(kind);
      history.probes(good(), ...cycle, ...cycle, ...times(kind === 'postgresql' ? 5 : 4, refused));
      expect(history.evaluated.reason).toBe('flapping');
      expect(history.probes(...times(3, refused)).at(-1)).toBe('red');
      expect(history.evaluated.reason).toBe('connect_refused');
    }
  });

  it('ends when it has been quiet', () => {
    const history = new StatusHistory('postgresql');
    history.probes(good(), ...cycle, ...cycle);
    expect(history.probes(...times(6, good()))).toContain('amber');
    expect(history.probes(...times(20, good())).at(-1)).toBe('green');
  });
});

describe('after a restart of the observer', () => {
  it('goes on from what the log has', () => {
    expect(new StatusHistory('postgresql', { status: 'red', reason: 'connect_refused' }).probes(good(), good())).toEqual([
      'red',
      'recovering',
    ]);
    expect(new StatusHistory('postgresql', { status: 'amber', reason: 'slow' }).probes(...times(4, good()))).toEqual([
      'amber',
      'amber',
      'amber',
      'green',
    ]);
    expect(new StatusHistory('postgresql', { status: 'green', reason: null }).probes(refused, refused)).toEqual(['green', 'amber']);
    expect(new StatusHistory('postgresql', { status: 'recovering', reason: 'slow' }).probes(...times(4, good()))).toEqual([
      'recovering',
      'recovering',
      'recovering',
      'green',
    ]);
  });

  it('says nothing new about what has not changed', () => {
    const history = new StatusHistory('postgresql', { status: 'green', reason: null });
    history.probes(good());
    expect(history.evaluated).toMatchObject({ sinceMs: T0, sentence: 'Nothing is wrong.' });
  });
});
