import type { RecordedEvent } from '../contract.js';
import { LOGS, changeOf, lastedOf, subjectId, subjectOf, verbOf } from './timeline.js';

const event = (type: string, data: Record<string, unknown>): RecordedEvent => ({ type, data }) as RecordedEvent;

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
    ({ type, data, at: new Date(Date.parse('2026-11-23T10:00:00.000Z') + second * 1_000).toISOString() }) as RecordedEvent;
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
