import type { RecordedEvent } from '../contract.js';
import { LOGS, changeOf, subjectId, subjectOf, verbOf } from './timeline.js';

const event = (type: string, data: Record<string, unknown>): RecordedEvent => ({ type, data }) as RecordedEvent;

it('tells a change of status by its words', () => {
  const change = changeOf(
    event('services.component.status-changed', { from: 'green', to: 'red', reason: 'slow', sentence: 'It is slow.' }),
  );
  expect(change).toMatchObject({ title: 'healthy → down', why: 'It is slow.', to: 'red' });
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
