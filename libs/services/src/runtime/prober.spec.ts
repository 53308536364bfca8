import { setImmediate } from 'node:timers/promises';
import { MemoryLog } from '@app/event-store/testing';
import { asId, assertShape } from '@app/kernel';
import { FakeClock } from '@app/kernel/testing';
import { good, refused } from '../../testing/status-history.js';
import { FakeProbe } from '../../testing/fake-probe.js';
import { FakeLoop } from '../../testing/fake-loop.js';
import { ComponentDeclared, EvaluationUpdated, type ComponentKind, ComponentStatusChanged, HealthProbed } from '../events/index.js';
import { componentSentence } from '../sentences.js';
import { POLICY } from './policy.js';
import { answered } from './probe-result.js';
import type { ObservedGateway } from '../seen-gateways.js';
import { Prober } from './prober.js';

let clock: FakeClock;
let log: MemoryLog;
/** How often a probe was to be kept. */
let attempts: number;
let warnings: string[];
let looked: Map<string, FakeProbe>;
let prober: Prober | undefined;
/** What edge agents see; an error: PostgreSQL does not say; silence: it never answers. */
let agentGateways: ObservedGateway[] | Error | 'silence';

beforeEach(() => {
  clock = new FakeClock();
  log = new MemoryLog();
  attempts = 0;
  warnings = [];
  looked = new Map();
  agentGateways = [];
});
afterEach(() => prober?.stop());

const declaration = (id: string, kind: ComponentKind, critical = false): ComponentDeclared => ({
  component_id: asId(id),
  kind,
  name: id.replace('gateway-', ''),
  target: 'http://10.0.4.7',
  critical,
});
const begin = async (...declarations: ComponentDeclared[]): Promise<void> => {
  const configured = declarations.map((one) => {
    const probe = looked.get(one.component_id) ?? new FakeProbe();
    looked.set(one.component_id, probe);
    return { declaration: one, probe };
  });
  prober = new Prober(configured, {
    clock,
    loop: new FakeLoop(),
    policy: POLICY,
    commands: log,
    telemetry: { keep: (...probe) => (attempts++, log.telemetry.keep(...probe)) },
    known: { ids: () => log.idsOf('services.component') },
    observed: {
      all: async () => {
        if (agentGateways instanceof Error) throw agentGateways;
        if (agentGateways === 'silence') return new Promise(() => undefined);
        return agentGateways;
      },
    },
    warn: (text) => warnings.push(text),
  });
  prober.start();
  await clock.pass(0);
};
const restart = async (...declarations: ComponentDeclared[]): Promise<void> => {
  await prober?.stop();
  await begin(...declarations);
};
const probe = (id: string): FakeProbe => looked.get(id) as FakeProbe;
const types = (): string[] => log.facts.map(({ type, subject }) => `${subject.split('.').at(-1)} ${type.split('.').at(-1)}`);
const changes = (id: string): ComponentStatusChanged[] =>
  log.facts
    .filter(({ type, subject }) => type === ComponentStatusChanged.type && subject.endsWith(`.${id}`))
    .map(({ data }) => data as ComponentStatusChanged);
const sentenceOf = (id: string): string => {
  const last = changes(id).at(-1);
  return componentSentence(last?.reason ?? null, last?.details ?? {}, 0);
};
const history = (id: string): string[] => changes(id).map(({ to, reason }) => (reason === null ? to : `${to} ${reason}`));

const nats = declaration('nats', 'nats');
const valkey = declaration('valkey', 'valkey');
const projections = declaration('projections', 'projections');
const a = declaration('gateway-a', 'gateway');
const b = declaration('gateway-b', 'gateway', true);

it('declares what it finds in the configuration, probes it at once, and says what it is', async () => {
  await begin(nats, projections);
  expect(types()).toEqual(['nats declared', 'projections declared', 'nats status-changed', 'projections status-changed']);
  expect(changes('nats')[0]).toMatchObject({
    from: 'unknown',
    to: 'green',
    reason: null,
    evidence: ['t1'],
    latency_ms: 5,
    policy_version: 3,
  });
  expect(log.facts.every(({ actor }) => actor === 'system:prober')).toBe(true);
});

it('keeps each probe, with the status it led to and when it looks next', async () => {
  await begin(valkey);
  probe('valkey').result = refused;
  await clock.pass(20_000);
  for (const { data } of log.measurements) assertShape(HealthProbed, data);
  expect(
    log.measurements
      .map(({ data }) => [(data as HealthProbed).ok, (data as HealthProbed).status, (data as HealthProbed).reason])
      .slice(0, 4),
  ).toEqual([
    [true, 'green', null],
    [false, 'green', 'connect_refused'],
    [false, 'amber', 'connect_refused'],
    [false, 'red', 'connect_refused'],
  ]);
  const [first, second] = log.measurements.map(({ data }) => data as HealthProbed);
  expect(Date.parse(second?.next_probe_at ?? '') - Date.parse(first?.next_probe_at ?? '')).toBe(2_000);
});

it('counts a probe that found something red as bad, though it was answered', async () => {
  await begin(a);
  probe('gateway-a').result = answered(5, { findings: [{ colour: 'red', reason: 'not_openclaw', detail: 'A page.' }] });
  await clock.pass(30_000);
  expect(
    log.measurements
      .map(({ data }) => data as HealthProbed)
      .filter(({ component_id }) => component_id === a.component_id)
      .at(-1),
  ).toMatchObject({
    ok: false,
    status: 'red',
    reason: 'not_openclaw',
    detail: 'A page.',
    latency_ms: 5,
  });
});

it('names the probes that a status rests on', async () => {
  await begin(valkey);
  probe('valkey').result = refused;
  await clock.pass(20_000);
  expect(history('valkey')).toEqual(['green', 'amber error_rate', 'red connect_refused']);
  expect(changes('valkey')[2]?.evidence).toEqual(['t2', 't3', 't4']);
});

it('names the status on the parent when that is why nothing can be said', async () => {
  await begin(nats, projections);
  probe('nats').result = refused;
  await clock.pass(20_000);
  expect(history('projections')).toEqual(['green', 'unknown dependency_down']);
  const red = log.facts.find(({ data }) => (data as ComponentStatusChanged).to === 'red');
  expect(changes('projections')[1]).toMatchObject({ evidence: [`f${red?.position}`] });
});

it('says nothing at a start at which nothing changed, and goes on from the last status', async () => {
  await begin(nats);
  probe('nats').result = refused;
  await clock.pass(30_000);
  const before = types();
  probe('nats').result = good();
  await restart(nats);
  expect(types()).toEqual(before);
  await clock.pass(16_000);
  expect(history('nats').at(-1)).toBe('recovering connect_refused');
});

it('retires what the configuration no longer names, and only that', async () => {
  await begin(nats, a);
  await restart(nats);
  expect(types().filter((one) => one.endsWith('retired'))).toEqual(['gateway-a retired', 'gateways retired']);
  await restart(nats);
  expect(types().filter((one) => one.endsWith('retired'))).toHaveLength(2);
  await restart(nats, a);
  expect(history('gateway-a')).toEqual(['green', 'green']);
});

it('has a roll-up where there are gateways, and none where there are none', async () => {
  await begin(nats);
  expect(types()).not.toContain('gateways declared');
  await restart(nats, a, b);
  expect(types()).toContain('gateways declared');
  expect(history('gateways')).toEqual(['green']);
});

describe('gateways that only agents see', () => {
  const INTERVAL_MS = POLICY.kinds.gateways.intervalMs;
  const observed = (name: string, status: ObservedGateway['status'], position = 'f9'): ObservedGateway => ({
    agent_id: 'agent-berlin',
    label: name.split('/')[0] ?? name,
    name,
    state: 'ready',
    status,
    position,
  });

  it('count in the roll-up by name, beside those that are probed', async () => {
    agentGateways = [observed('berlin-3/main', 'red', 'f77'), observed('berlin-3/lab', 'green')];
    await begin(a);
    await clock.pass(INTERVAL_MS);
    expect(changes('gateways').at(-1)).toMatchObject({ to: 'amber' });
    expect(sentenceOf('gateways')).toBe('1 of 3 gateways is down: berlin-3/main.');
    expect(changes('gateways').at(-1)?.evidence).toContain('f77');
  });

  it('are a roll-up where none is probed, from the first to the last of them', async () => {
    await begin(nats);
    expect(types()).not.toContain('gateways declared');
    agentGateways = [observed('berlin-3/main', 'green')];
    await clock.pass(INTERVAL_MS);
    expect(types()).toContain('gateways declared');
    expect(history('gateways')).toEqual(['green']);
    agentGateways = [];
    await clock.pass(2 * INTERVAL_MS);
    expect(
      types()
        .filter((one) => one.startsWith('gateways'))
        .at(-1),
    ).toBe('gateways retired');
    await clock.pass(9 * INTERVAL_MS);
    expect(history('gateways')).toEqual(['green']);
    agentGateways = [observed('porto-7/main', 'red')];
    await clock.pass(INTERVAL_MS);
    expect(history('gateways')).toEqual(['green', 'red dependency_down']);
  });

  it('leave the roll-up of before as it is over a restart', async () => {
    agentGateways = [observed('berlin-3/main', 'green')];
    await begin(nats);
    const before = types();
    agentGateways = new Error('PostgreSQL does not answer');
    await restart(nats);
    expect(types()).toEqual(before);
  });

  it('cannot be judged while their agents are away, and that is said', async () => {
    agentGateways = [observed('berlin-3/main', 'green')];
    await begin(nats);
    agentGateways = [observed('berlin-3/main', 'unknown')];
    await clock.pass(2 * INTERVAL_MS);
    expect(changes('gateways').at(-1)).toMatchObject({ to: 'unknown', reason: 'dependency_down' });
    expect(sentenceOf('gateways')).toBe('Cannot be judged while edge agent berlin-3 is down.');
    agentGateways = [observed('berlin-3/main', 'green')];
    await clock.pass(2 * INTERVAL_MS);
    expect(history('gateways').at(-1)).toBe('green');
  });

  it('do not keep the probed ones from being judged while PostgreSQL does not answer at all', async () => {
    agentGateways = 'silence';
    await begin(a);
    await clock.pass(5_000);
    expect(history('gateways')).toEqual(['green']);
  });

  it('are unknown while PostgreSQL does not say, and blame no agent', async () => {
    agentGateways = [observed('berlin-3/main', 'red'), observed('porto-7/main', 'red')];
    await begin(a);
    expect(history('gateways')).toEqual(['red dependency_down']);
    agentGateways = new Error('PostgreSQL does not answer');
    await clock.pass(5 * INTERVAL_MS);
    expect(history('gateways').at(-1)).not.toContain('red');
    expect(sentenceOf('gateways')).not.toContain('edge agent');
  });
});

it('turns the roll-up red with a critical gateway, at once, and says which', async () => {
  const others = ['c', 'd', 'e'].map((name) => declaration(`gateway-${name}`, 'gateway'));
  await begin(a, b, ...others);
  log.before = () => setImmediate(); // Others go on meanwhile.
  probe('gateway-a').result = refused;
  await clock.pass(40_000);
  expect(history('gateways').at(-1)).toBe('amber dependency_down');
  probe('gateway-b').result = refused;
  await clock.pass(40_000);
  const last = changes('gateways').at(-1);
  expect(sentenceOf('gateways')).toBe('2 of 5 gateways are down: b (critical).');
  expect(last).toMatchObject({ to: 'red', since: changes('gateway-b').at(-1)?.since });
  const reds = log.facts.filter(({ subject, data }) => subject.includes('.gateway-') && (data as ComponentStatusChanged).to === 'red');
  expect(last?.evidence.slice(0, 2)).toEqual(reds.map(({ position }) => `f${position}`));
});

it('tells other details of an unchanged verdict as telemetry, with the evidence of now, and writes no fact for them', async () => {
  const others = ['g1', 'g2', 'g3', 'g4', 'g5'].map((name) => declaration(`gateway-${name}`, 'gateway'));
  await begin(...others);
  probe('gateway-g1').result = refused;
  await clock.pass(40_000);
  expect(history('gateways')).toEqual(['green', 'amber dependency_down']);
  probe('gateway-g2').result = refused;
  await clock.pass(40_000);
  probe('gateway-g1').result = good();
  await clock.pass(40_000);
  const told = log.measurements.filter(({ subject }) => subject === 'telemetry.services.evaluation.gateways');
  const sentences = told.map(({ data }) => data as EvaluationUpdated).map(({ reason, details }) => componentSentence(reason, details, 0));
  expect(new Set(sentences)).toEqual(new Set(['2 of 5 gateways are down: g1, g2.', '1 of 5 gateways is down: g2.']));
  for (const { data } of told) assertShape(EvaluationUpdated, data);
  const [red] = log.facts.filter(({ subject, data }) => subject.endsWith('.gateway-g2') && (data as ComponentStatusChanged).to === 'red');
  expect(told.at(-1)?.data).toMatchObject({ status: 'amber', details: { down: ['g2'] }, evidence: [`f${red?.position}`] });
  expect(history('gateways')).toEqual(['green', 'amber dependency_down']);
});

it('waits for the log at the start, and lets itself be stopped while it does', async () => {
  log.isDown = true;
  await begin(nats);
  await clock.pass(10_000);
  expect(probe('nats').looks).toBe(0);
  expect(warnings[0]).toBe('The components cannot be declared yet: Error: the event log does not answer');
  log.isDown = false;
  await clock.pass(2_000);
  expect(history('nats')).toEqual(['green']);
  log.isDown = true;
  await restart(nats);
  await prober?.stop();
  expect(clock.pending).toBe(0);
});

it('goes on while the log is down, and writes what happened when it is back', async () => {
  await begin(nats, projections);
  log.isDown = true;
  probe('nats').result = refused;
  await clock.pass(60_000);
  const before = attempts;
  await clock.pass(600_000);
  expect(attempts).toBe(before); // Nothing is heaped up for later.
  probe('nats').result = good();
  await clock.pass(20_000);
  log.isDown = false;
  await clock.pass(120_000);
  expect(history('nats')).toEqual(['green', 'amber error_rate', 'red connect_refused', 'recovering connect_refused', 'green']);
  const red = changes('nats')[2];
  expect(log.measurements.map(({ data }) => (data as HealthProbed).status)).not.toContain('red');
  expect(Date.parse(red?.since ?? '')).toBeLessThan(Date.parse('2026-02-01T12:00:25.000Z'));
  expect(red?.evidence).toEqual([]);
  changes('nats').forEach(({ from }, i, all) => expect(from).toBe(i === 0 ? 'unknown' : all[i - 1]?.to));
});

it('gives way to another prober, and judges on from there', async () => {
  await begin(nats);
  const first = prober;
  const own = looked;
  looked = new Map();
  await begin(nats); // A second one beside, which sees it fail.
  probe('nats').result = refused;
  await clock.pass(20_000);
  await prober?.stop();
  prober = first;
  looked = own;
  probe('nats').result = answered(5, { findings: [{ colour: 'amber', reason: 'sync_stale', detail: 'Found.' }] });
  await clock.pass(80_000);
  const last = changes('nats').at(-1);
  expect(warnings).toContain('Somebody else judges nats as well; going on from what the log has.');
  expect(last).toMatchObject({ to: 'amber', reason: 'sync_stale' });
  changes('nats').forEach(({ from }, i, all) => expect(from).toBe(i === 0 ? 'unknown' : all[i - 1]?.to));
});
