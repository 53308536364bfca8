import { asId, newEvent } from '@app/kernel';
import { NOW, later, rowsOf, stored } from '@app/kernel/testing';
import { ComponentDeclared, type ComponentId, ComponentRetired, ComponentStatusChanged, HealthProbed } from '../../events/index.js';
import { EMPTY, counted } from '../../histogram.js';
import { componentDirectory } from './component-directory.projection.js';
import { componentLatest } from './component-latest.rollup.js';
import { componentMinute, minuteOf } from './component-minute.rollup.js';

const about = { component_id: asId<ComponentId>('valkey') };
const declared = newEvent(ComponentDeclared, {
  ...about,
  kind: 'valkey',
  name: 'Valkey',
  target: 'redis://10.0.4.7:6379',
  critical: false,
});
const changed = newEvent(ComponentStatusChanged, { ...ComponentStatusChanged.example, ...about, from: 'unknown' });
const retired = newEvent(ComponentRetired, about);
const { details, since, last_good_at, next_probe_at, evidence } = ComponentStatusChanged.example;

describe('component_directory', () => {
  it('shows what is declared as unknown until there is a status', () => {
    expect(rowsOf(componentDirectory, declared)).toEqual({
      valkey: {
        component_id: 'valkey',
        kind: 'valkey',
        name: 'Valkey',
        target: 'redis://10.0.4.7:6379',
        critical: false,
        status: 'unknown',
        reason: 'never_connected',
        details: {},
        since: NOW,
        judged_at: NOW,
        last_good_at: null,
        next_probe_at: null,
        evidence: ['f1'],
      },
    });
  });

  it('shows the last status, since when it holds and what it rests on, itself included', () => {
    expect(rowsOf(componentDirectory, declared, changed)).toMatchObject({
      valkey: { status: 'red', reason: 'connect_refused', details, since, last_good_at, next_probe_at, evidence: [...evidence, 'f2'] },
    });
  });

  it('keeps the status through another declaration', () => {
    const moved = newEvent(ComponentDeclared, { ...about, kind: 'valkey', name: 'Valkey', target: null, critical: true });
    expect(rowsOf(componentDirectory, declared, changed, moved)).toMatchObject({
      valkey: { status: 'red', since, target: null, critical: true },
    });
  });

  it('forgets what is retired, and starts anew when it is declared again', () => {
    expect(rowsOf(componentDirectory, declared, changed, retired)).toEqual({});
    expect(rowsOf(componentDirectory, declared, changed, retired, declared)).toMatchObject({
      valkey: { status: 'unknown', evidence: ['f4'] },
    });
  });

  it('stops rather than guess when a stream starts in the middle', () => {
    expect(() => rowsOf(componentDirectory, changed)).toThrow('no row to change');
  });
});

const probe = (data: Partial<HealthProbed> = {}) =>
  newEvent(HealthProbed, { ...HealthProbed.example, ...about, status: 'green', reason: null, detail: '', latency_ms: 4, ...data });
const failed = probe({ ok: false, latency_ms: null, status: 'red', reason: 'connect_refused', version: null, capability: null });

describe('component_latest', () => {
  it('keeps the last probe and where it is', () => {
    expect(rowsOf(componentLatest, probe(), probe({ latency_ms: 7, next_probe_at: later(1) }))).toEqual({
      valkey: {
        component_id: 'valkey',
        last_probe_at: NOW,
        probe_position: 't2',
        ok: true,
        judged: 'green',
        latency_ms: 7,
        capability: 'http',
        version: '2026.9.6',
        last_ok_at: NOW,
        probe_due_at: later(1),
      },
    });
  });

  it('remembers what a component said of itself before it fell silent, and when it was last good', () => {
    const rows = rowsOf(componentLatest, probe({ version: '8.0.1' }), failed);
    expect(rows).toMatchObject({
      valkey: { ok: false, judged: 'red', latency_ms: null, version: '8.0.1', capability: 'http', last_ok_at: NOW },
    });
    expect(rowsOf(componentLatest, failed)).toMatchObject({ valkey: { version: null, last_ok_at: null } });
  });
});

describe('component_minute', () => {
  const id = `valkey@${NOW}`;

  it('counts good and bad, the worst verdict, and every latency', () => {
    const rows = rowsOf(componentMinute, probe(), failed, probe({ status: 'recovering', latency_ms: 40 }), probe({ latency_ms: null }));
    expect(rows).toEqual({
      [id]: { id, component_id: 'valkey', minute: NOW, good: 3, bad: 1, worst: 'red', latencies: counted(counted(EMPTY, 4), 40) },
    });
  });

  it.each([
    [['green'], 'green'],
    [['green', 'recovering'], 'amber'],
    [['green', 'amber', 'unknown'], 'amber'],
    [['unknown'], 'unknown'],
  ] as const)('%j is %s at worst', (statuses, worst) => {
    expect(rowsOf(componentMinute, ...statuses.map((status) => probe({ status })))).toMatchObject({ [id]: { worst } });
  });

  it('counts neither way what could not be judged', () => {
    expect(rowsOf(componentMinute, probe({ status: 'unknown' }), probe({ status: 'unknown', ok: false }))).toMatchObject({
      [id]: { good: 0, bad: 0, latencies: EMPTY },
    });
  });

  it('keeps minutes and components apart', () => {
    expect(componentMinute.key(stored(probe(), 1, '2026-02-01T12:07:59.999Z'))).toBe('valkey@2026-02-01T12:07:00.000Z');
    expect(componentMinute.key(stored(probe({ component_id: asId('nats') }), 1))).toBe(`nats@${NOW}`);
    expect(minuteOf('2026-02-01T12:08:00.000Z')).toBe('2026-02-01T12:08:00.000Z');
  });
});
