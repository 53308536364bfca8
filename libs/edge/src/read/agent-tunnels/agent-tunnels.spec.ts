import { NOW, rowsOf } from '@app/kernel/testing';
import { connected, disconnected, superseded } from '../../../testing/index.js';
import { KEPT, agentTunnels } from './agent-tunnels.projection.js';

it('shows a tunnel from its beginning to its end', () => {
  const begun = {
    session_id: 'session-1',
    epoch: 1,
    connected_at: NOW,
    ended_at: null,
    end_reason: null,
    close_code: null,
    connected_ms: null,
  };
  expect(rowsOf(agentTunnels, connected(1))).toMatchObject({ 'agent-berlin.1': begun });
  expect(rowsOf(agentTunnels, connected(1), disconnected(1))).toMatchObject({
    'agent-berlin.1': { ended_at: NOW, end_reason: 'read_deadline', close_code: 4408, connected_ms: 86_214 },
  });
  expect(rowsOf(agentTunnels, connected(1), superseded(1), connected(2))).toMatchObject({
    'agent-berlin.1': { ended_at: NOW, end_reason: 'superseded', close_code: null, connected_ms: 86_214 },
    'agent-berlin.2': { ended_at: null },
  });
});

it('keeps the last ones of an agent', () => {
  const facts = Array.from({ length: KEPT + 3 }, (_, i) => [connected(i + 1), disconnected(i + 1)]).flat();
  const epochs = Object.values(rowsOf(agentTunnels, ...facts)).map(({ epoch }) => epoch);
  expect(epochs.sort((a, b) => a - b)).toEqual(Array.from({ length: KEPT }, (_, i) => i + 4));
});

it('takes no end for that of another tunnel, and none for the beginning of one', () => {
  expect(rowsOf(agentTunnels, connected(1), connected(1 + KEPT), disconnected(1))).toMatchObject({
    'agent-berlin.1': { epoch: 1 + KEPT, ended_at: null },
  });
  expect(rowsOf(agentTunnels, disconnected(1))).toEqual({});
});

it('finds the tunnels of one agent, in their order, without looking at those of all', () => {
  expect(agentTunnels.indexes).toContainEqual(['agent_id', 'epoch']);
});
