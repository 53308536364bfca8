import type { RecordedEvent } from '../contract.js';
import { changeOf, subjectId, subjectOf, verbOf } from './timeline.js';

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
  expect(subjectOf('services', 'telemetry', 'valkey')).toBe('telemetry.services.health.valkey');
  expect(subjectOf('federation', 'facts', 'peer-1')).toBe('facts.federation.peer.peer-1');
  expect(subjectId('facts.federation.peer.peer-1')).toBe('peer-1');
});
