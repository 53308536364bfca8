import { asId, newEvent } from '@app/kernel';
import { rowsOf } from '@app/kernel/testing';
import type { AgentId } from '../../../../edge/src/events/index.js';
import {
  AgentArchived,
  AgentEnrolled,
  AgentHeld,
  AgentReleased,
  AgentRevoked,
  AgentStatusChanged,
  AgentSynced,
  AgentUnarchived,
} from '../../../../edge/src/events/index.js';
import { seenGateways } from './seen-gateways.projection.js';
import { seenGatewaysOf } from '../../seen-gateways.js';

const about = { agent_id: asId<AgentId>('agent-berlin') };
const enrolled = newEvent(AgentEnrolled, { ...AgentEnrolled.example, ...about, label: 'berlin-3' });
const became = (to: AgentStatusChanged['to']) =>
  newEvent(AgentStatusChanged, { ...AgentStatusChanged.example, ...about, from: 'enrolled', to });
const [main] = AgentSynced.example.gateways as [AgentSynced['gateways'][number]];
type State = typeof main.state;
const says = (...states: [string, State][]) =>
  newEvent(AgentSynced, { ...AgentSynced.example, ...about, gateways: states.map(([name, state]) => ({ ...main, name, state })) });
type Facts = Parameters<typeof rowsOf>[1][];
const seenAfter = (...facts: Facts) => seenGatewaysOf(Object.values(rowsOf(seenGateways, enrolled, ...facts)));
const statuses = (...facts: Facts): string[] => seenAfter(...facts).map(({ name, status }) => `${name} ${status}`);

describe('the gateways that agents see', () => {
  it('are named by their agent and themselves, and point to the report', () => {
    expect(seenAfter(became('connected'), says(['main', 'ready']))).toEqual([
      { agent_id: 'agent-berlin', label: 'berlin-3', name: 'berlin-3/main', state: 'ready', status: 'green', position: 'f3' },
    ]);
  });

  it.each<[State, string]>([
    ['ready', 'green'],
    ['starting', 'amber'],
    ['draining', 'amber'],
    ['not_ready', 'amber'],
    ['unauthorised', 'amber'],
    ['unreachable', 'red'],
    ['not_openclaw', 'red'],
  ])('are %s: %s', (state, status) => {
    for (const agent of ['connected', 'degraded'] as const)
      expect(statuses(became(agent), says(['main', state]))).toEqual([`berlin-3/main ${status}`]);
  });

  it('are those of the last report', () => {
    expect(statuses(became('connected'), says(['main', 'ready'], ['lab', 'ready']), says(['lab', 'unreachable']))).toEqual([
      'berlin-3/lab red',
    ]);
  });

  it.each(['enrolled', 'reconnecting', 'restarting', 'disconnected', 'stale', 'quarantined', 'unknown'] as const)(
    'are unknown while their agent is %s',
    (status) => expect(statuses(says(['main', 'unreachable']), became(status))).toEqual(['berlin-3/main unknown']),
  );

  it('are unknown while their agent is held, and until it connects after that', () => {
    const held = [became('connected'), says(['main', 'ready']), newEvent(AgentHeld, about)];
    expect(statuses(...held)).toEqual(['berlin-3/main unknown']);
    expect(statuses(...held, newEvent(AgentReleased, about))).toEqual(['berlin-3/main unknown']);
    expect(statuses(...held, newEvent(AgentReleased, about), became('connected'))).toEqual(['berlin-3/main green']);
  });

  it('are none when their agent is revoked or archived, until the archive ends', () => {
    const known = [became('connected'), says(['main', 'unreachable'])];
    const archived = newEvent(AgentArchived, { ...about, reason: 'operator' });
    expect(statuses(...known, newEvent(AgentRevoked, { ...AgentRevoked.example, ...about }))).toEqual([]);
    expect(statuses(...known, archived)).toEqual([]);
    expect(statuses(...known, archived, newEvent(AgentUnarchived, { ...about, reason: 'connected' }))).toEqual(['berlin-3/main red']);
  });
});
