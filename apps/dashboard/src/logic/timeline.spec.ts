import type { RecordedEvent } from '../contract.js';
import { LOGS, changeOf, eventName, isVoidable, lastedOf, subjectId, subjectOf, verbOf } from './timeline.js';

const event = (type: string, data: Record<string, unknown>): RecordedEvent =>
  ({ type, data, unreadable: null, voided: false }) as RecordedEvent;

it('tells a change of status by its words', () => {
  const change = changeOf(
    event('services.component.status-changed', { from: 'green', to: 'red', reason: 'slow', sentence: 'It is slow.' }),
  );
  expect(change).toMatchObject({ title: 'healthy → down', why: 'It is slow.', to: 'red' });
});

it('tells another reason for the same state as no change of it', () => {
  expect(changeOf(event('edge.agent.status-changed', { from: 'enrolled', to: 'enrolled' })).title).toBe('still enrolled');
});

describe('a state', () => {
  const at = (second: number, type: string, data: Record<string, unknown> = {}): RecordedEvent =>
    ({ ...event(type, data), at: new Date(Date.parse('2026-11-23T10:00:00.000Z') + second * 1_000).toISOString() }) as RecordedEvent;
  const became = (second: number, from: string, to: string): RecordedEvent => at(second, 'edge.agent.status-changed', { from, to });
  const lasted = (...oldestFirst: RecordedEvent[]) => lastedOf(oldestFirst.toReversed().map(changeOf)).toReversed();

  it('lasts until the next one, whatever happens meanwhile, and the last is so still', () => {
    expect(
      lasted(
        at(0, 'edge.agent.enrolled'),
        became(1, 'enrolled', 'enrolled'),
        became(2, 'enrolled', 'connected'),
        at(2, 'edge.agent.synced'),
        became(5, 'connected', 'disconnected'),
        became(6, 'disconnected', 'disconnected'),
        became(7, 'disconnected', 'reconnecting'),
        at(7, 'edge.agent.synced'),
        became(17, 'reconnecting', 'connected'),
        at(17, 'edge.agent.synced'),
      ),
    ).toEqual([undefined, undefined, 3_000, undefined, 2_000, undefined, 10_000, undefined, null, undefined]);
  });

  it('is ended by an operator too', () => {
    expect(lasted(became(0, 'enrolled', 'connected'), at(4, 'edge.agent.synced'), at(9, 'edge.agent.revoked'))).toEqual([
      9_000,
      undefined,
      undefined,
    ]);
  });
});

describe('an event that no read model uses', () => {
  const raw = (over: Partial<RecordedEvent>): RecordedEvent =>
    ({ ...event('federation.peer.removed', {}), stream: 'facts', at: '', data: null, ...over }) as RecordedEvent;
  const malformed = raw({ unreadable: { code: 'decode.malformed-json', detail: 'Its body is not JSON.' } });
  const newer = raw({ unreadable: { code: 'event.unknown', detail: 'Release 0.9.0 wrote it.' }, data: { to: 'red' } });
  const voided = raw({ voided: true });

  it('is told by why it is not used, and not by its data', () => {
    expect([malformed, newer, voided].map((one) => changeOf(one))).toMatchObject([
      { title: 'not readable', why: 'Its body is not JSON.', to: null },
      { title: 'not readable', why: 'Release 0.9.0 wrote it.', to: null },
      { title: 'voided', to: null },
    ]);
    expect([malformed, newer, voided, raw({})].map(eventName)).toEqual([
      'decode.malformed-json',
      'event.unknown',
      'voided',
      'federation.peer.removed',
    ]);
  });

  it('ends no state, whatever its type', () => {
    const began = event('edge.agent.status-changed', { from: 'enrolled', to: 'connected' });
    const changes = [malformed, voided, newer, { ...began, at: '2026-11-23T10:00:00.000Z' }].map(changeOf);
    expect(lastedOf(changes)).toEqual([undefined, undefined, undefined, null]);
  });

  it('can be voided only where no release can read it', () => {
    expect([malformed, newer, voided, raw({}), { ...malformed, stream: 'telemetry' as const }].map(isVoidable)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

it('tells a fact that is too large for a list by its verb', () =>
  expect(changeOf({ ...event('federation.peer.registered', {}), data: null })).toMatchObject({ title: 'registered', to: null }));

it('tells any other fact by its verb and what was said with it', () => {
  expect(changeOf(event('federation.peer.suspended', { note: 'moving' }))).toMatchObject({ title: 'suspended', why: 'moving', to: null });
  expect(changeOf(event('federation.peer.resumed', {}))).toMatchObject({ title: 'resumed', why: null });
  expect(verbOf('federation.remote-peer.status-changed')).toBe('status changed');
});

it('knows where the events of a row are', () => {
  expect(LOGS.services.map((log) => subjectOf(log, 'nats'))).toEqual(['facts.services.component.nats', 'telemetry.services.health.nats']);
  expect(LOGS.federation.map((log) => subjectOf(log, 'p1'))).toEqual([
    'facts.federation.peer.p1',
    'calls.federation.call.p1',
    'telemetry.federation.heartbeat.p1',
  ]);
  for (const { stream, subject } of Object.values(LOGS).flat()) expect(subject.split('.')[0]).toBe(stream);
  expect(subjectId('facts.federation.peer.peer-1')).toBe('peer-1');
});
