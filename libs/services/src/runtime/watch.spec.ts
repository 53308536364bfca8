import { FakeClock } from '@app/kernel/testing';
import { good, refused } from '../../testing/status-history.js';
import { FakeProbe } from '../../testing/fake-probe.js';
import { FakeLoop } from '../../testing/fake-loop.js';
import type { ComponentKind } from '../events/component-kind.js';
import { componentSentence } from '../sentences.js';
import { POLICY } from './policy.js';
import { answered } from './probe-result.js';
import { neverProbed } from './evaluation-state.js';
import { EvaluationStates } from './evaluation-states.js';
import { type Evaluation, Watch } from './watch.js';

let clock: FakeClock;
let loop: FakeLoop;
let evaluation: Evaluation[];
let warnings: string[];
let watch: Watch;
let states: EvaluationStates;
let probes: Map<string, FakeProbe>;

const begin = (kinds: Record<string, ComponentKind>, triggers: Record<string, string[]> = {}, policy = POLICY): void => {
  clock = new FakeClock();
  loop = new FakeLoop();
  evaluation = [];
  warnings = [];
  probes = new Map(Object.keys(kinds).map((id) => [id, new FakeProbe()]));
  const watched = Object.entries(kinds).map(([componentId, kind]) => ({
    componentId,
    kind,
    probe: probe(componentId),
    evaluationState: neverProbed(clock.wallMs()),
    triggers: triggers[componentId] ?? [],
  }));
  states = new EvaluationStates();
  watch = new Watch(watched, { clock, loop, policy, warn: (sentence) => warnings.push(sentence) }, states, (one) => evaluation.push(one));
};
const probe = (id: string): FakeProbe => probes.get(id) as FakeProbe;
const status = (id: string) => states.of(id)?.evaluated.status;
const sentence = (id: string) => componentSentence(reason(id) ?? null, states.of(id)?.evaluated.details ?? {}, clock.wallMs());
const reason = (id: string) => states.of(id)?.evaluated.reason;
afterEach(() => watch.stop());

it('looks at everything at once at the start, and then at each at its own beat', async () => {
  begin({ api: 'api', valkey: 'valkey', projections: 'projections' });
  watch.start();
  await clock.pass(0);
  expect(evaluation.map(({ componentId, evaluationState }) => [componentId, evaluationState.evaluated.status])).toEqual([
    ['api', 'green'],
    ['valkey', 'green'],
    ['projections', 'green'],
  ]);
  await clock.pass(60_000);
  expect([probe('api').looks, probe('valkey').looks, probe('projections').looks]).toEqual([5, 5, 13]);
});

it('says when it looks next', async () => {
  begin({ api: 'api' });
  watch.start();
  await clock.pass(30_000);
  const [first, second] = evaluation;
  expect(first?.nextProbeAtMs).toBe(second?.atMs);
});

it('is red four seconds after the first failure', async () => {
  begin({ api: 'api' });
  watch.start();
  await clock.pass(0);
  probe('api').result = refused;
  await clock.pass(15_000);
  const failing = states.of('api')?.memory.failingSinceMs as number;
  await clock.pass(failing + 3_999 - clock.wallMs());
  expect(status('api')).not.toBe('red');
  await clock.pass(1);
  expect(states.of('api')?.evaluated).toMatchObject({ status: 'red', reason: 'connect_refused', sinceMs: failing + 4_000 });
});

it('takes silence for a failure when the time of a probe is over, and tells the probe', async () => {
  begin({ valkey: 'valkey' });
  probe('valkey').result = 'silence';
  watch.start();
  await clock.pass(999);
  expect([evaluation.length, probe('valkey').running]).toEqual([0, 1]);
  await clock.pass(1);
  expect(evaluation[0]?.result).toEqual({ ok: false, reason: 'heartbeat_timeout', detail: 'No answer within 1 s.' });
  expect(probe('valkey').running).toBe(0);
  await clock.pass(10_000);
  expect(status('valkey')).toBe('red');
});

it('does not begin a second look while the first has not ended, though it was given up', async () => {
  begin({ api: 'api' });
  probe('api').look = () => (probe('api').looks++, new Promise(() => {}));
  watch.start();
  await clock.pass(30_000);
  expect(probe('api').looks).toBe(1);
  expect(reason('api')).toBe('heartbeat_timeout');
});

it('throws a sample away that was taken while this process itself was late, and looks again soon', async () => {
  begin({ api: 'api' });
  loop.latenessMs = 201;
  probe('api').result = refused;
  watch.start();
  await clock.pass(1_999);
  expect([evaluation.length, probe('api').looks]).toEqual([0, 1]);
  loop.latenessMs = 200;
  await clock.pass(1);
  expect([evaluation.length, probe('api').looks]).toEqual([1, 2]);
});

it('knows nothing of what it could not look at, and says so after three intervals', async () => {
  begin({ projections: 'projections' });
  watch.start();
  await clock.pass(0);
  probe('projections').result = null;
  await clock.pass(14_000);
  expect([evaluation.length, status('projections')]).toEqual([1, 'green']);
  await clock.pass(2_000);
  expect([evaluation.length, status('projections'), reason('projections')]).toEqual([2, 'unknown', 'observer_unhealthy']);
  expect(evaluation[1]?.result).toBeNull();
});

it('takes silence for nothing where a component is looked at through others', async () => {
  begin({ projections: 'projections' });
  watch.start();
  await clock.pass(0);
  probe('projections').isIndirect = true;
  probe('projections').result = 'silence';
  await clock.pass(12_000);
  expect([evaluation.length, status('projections')]).toEqual([1, 'green']);
  await clock.pass(4_000);
  expect([status('projections'), reason('projections')]).toEqual(['unknown', 'observer_unhealthy']);
});

it('blames no component for a probe that is broken, and tells somebody', async () => {
  begin({ api: 'api' });
  probe('api').result = new Error('a bug');
  watch.start();
  await clock.pass(60_000);
  expect(status('api')).toBe('unknown');
  expect(reason('api')).toBe('never_connected');
  expect(warnings[0]).toBe('The probe of api itself failed: Error: a bug');
});

it('greys what depends on a component that is down within a second, and judges it afresh afterwards', async () => {
  begin({ nats: 'nats', projections: 'projections' });
  watch.start();
  await clock.pass(0);
  probe('nats').result = refused;
  await clock.pass(20_000);
  const red = evaluation.find(({ evaluationState: known }) => known.evaluated.status === 'red');
  const grey = evaluation.find(
    ({ componentId, evaluationState }) => componentId === 'projections' && evaluationState.evaluated.status === 'unknown',
  );
  expect((grey?.atMs ?? 0) - (red?.atMs ?? 0)).toBeLessThanOrEqual(1_000);
  expect(reason('projections')).toBe('dependency_down');
  probe('nats').result = good();
  await clock.pass(35_000);
  expect([status('nats'), status('projections')]).toEqual(['recovering', 'green']);
});

it('says of what depends on a full component that it is full, and not down', async () => {
  begin({ nats: 'nats', projections: 'projections' });
  watch.start();
  await clock.pass(0);
  probe('nats').result = answered(5, { measured: [{ gauge: 'storage', value: 0.96, of: 'The stream FACTS' }] });
  await clock.pass(20_000);
  expect([status('nats'), reason('projections'), sentence('projections')]).toEqual([
    'red',
    'dependency_down',
    'Cannot be judged while nats is full.',
  ]);
});

it('doubts itself when most begin to fail at once, for one grace window', async () => {
  begin({ api: 'api', postgresql: 'postgresql', valkey: 'valkey', nats: 'nats' });
  watch.start();
  await clock.pass(0);
  const policyMs = POLICY.correlatedFailure.graceMs;
  for (const id of ['api', 'postgresql', 'valkey']) probe(id).result = refused;
  const observed = new Set<string>();
  for (let i = 0; i < 15; i++) {
    await clock.pass(1_000);
    for (const id of probes.keys()) if (reason(id) === 'observer_unhealthy') observed.add(id);
  }
  expect(observed.size).toBeGreaterThan(0);
  expect(observed).not.toContain('nats');
  await clock.pass(policyMs + 1_000);
  expect([status('api'), status('postgresql'), status('valkey'), status('nats')]).toEqual(['red', 'red', 'red', 'green']);
});

it('looks again at once at what follows a component whose verdict changed', async () => {
  begin({ 'gateway-a': 'gateway', gateways: 'gateways' }, { gateways: ['gateway-a'] });
  watch.start();
  await clock.pass(0);
  expect(probe('gateways').looks).toBe(2); // At the start, and when gateway-a turned green.
  await clock.pass(1_000);
  expect(probe('gateways').looks).toBe(2);
});

it('looks at no more than eight at a time', async () => {
  begin(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`gateway-${i}`, 'gateway' as const])));
  for (const one of probes.values()) one.result = 'silence';
  watch.start();
  await clock.pass(0);
  expect([...probes.values()].filter(({ running }) => running === 1)).toHaveLength(8);
  await clock.pass(10_000);
  expect([...probes.values()].filter(({ looks }) => looks > 0)).toHaveLength(12);
});

it('calls everything off when it stops, and lets the probes go', async () => {
  begin({ api: 'api', valkey: 'valkey' });
  probe('valkey').result = 'silence';
  watch.start();
  await clock.pass(0);
  await watch.stop();
  expect(clock.pending).toBe(0);
  expect([...probes.values()].map(({ isClosed, running }) => [isClosed, running])).toEqual([
    [true, 0],
    [true, 0],
  ]);
  await clock.pass(60_000);
  expect(evaluation).toHaveLength(1);
});

it('takes what it remembers along when the clock is set back: no outage and no recovery lasts longer for it', async () => {
  begin({ api: 'api' });
  watch.start();
  await clock.pass(0);
  const failing = evaluation[0]?.nextProbeAtMs as number;
  probe('api').result = refused;
  await clock.pass(failing - clock.wallMs());
  const setBack = -5 * 3_600_000;
  clock.setWall(setBack);
  await clock.pass(3_999);
  expect(status('api')).not.toBe('red');
  await clock.pass(1);
  expect(states.of('api')?.evaluated).toMatchObject({ status: 'red', sinceMs: failing + 4_000 + setBack });
  probe('api').result = good();
  await clock.pass(30_000);
  expect(status('api')).toBe('recovering');
  clock.setWall(setBack);
  await clock.pass(75_000);
  expect(status('api')).toBe('green');
});

it('goes on from a standing it is given', async () => {
  begin({ api: 'api' });
  const evaluationState = neverProbed(clock.wallMs());
  watch.start();
  await clock.pass(0);
  watch.adopt('api', {
    ...evaluationState,
    evaluated: { ...evaluationState.evaluated, status: 'red' },
    memory: { ...evaluationState.memory, evaluation: { ...evaluationState.memory.evaluation, status: 'red' } },
  });
  await clock.pass(15_000);
  expect(status('api')).toBe('red');
  await clock.pass(15_000);
  expect(status('api')).toBe('recovering');
});
