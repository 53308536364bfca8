import { ListAnswerOf } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import { NOW } from '@app/kernel/testing';
import { ReadModels } from '@app/read-store';
import { AgentTunnelsController } from './agent-tunnels.controller.js';
import { EdgeTunnel } from './agent-tunnels.view.js';

const row: EdgeTunnel = {
  session_id: 'session-1',
  agent_id: 'agent-berlin',
  epoch: 1,
  remote: 'private',
  version: '0.1.0',
  hostname: 'edge-1',
  boot_id: 'boot-1',
  connected_at: NOW,
  ended_at: NOW,
  end_reason: 'superseded',
  close_code: null,
  connected_ms: 12,
};
const asked: unknown[] = [];
let app: TestApp;
const reads: ReadModels = {
  answer: async ({ table }, { after, ...about }, query) => {
    const data = await query({ query: async (_text, values) => (asked.push({ table, ...about, values }), { rows: [row] }) });
    return { data, as_of: NOW, position: after ?? 'f81730', lag_ms: 3, warnings: [] };
  },
};
beforeAll(async () => {
  app = await testAppOf([AgentTunnelsController], [{ provide: ReadModels, useValue: reads }]);
});
afterAll(() => app.close());

it('answers with the tunnels of one agent', async () => {
  const { status, body } = await app.ask('GET', 'edge-agents/agent-berlin/tunnels?after=f9');
  expect([status, body]).toEqual([200, { as_of: NOW, position: 'f9', lag_ms: 3, warnings: [], data: [row] }]);
  expect(() => assertShape(ListAnswerOf(EdgeTunnel), body)).not.toThrow();
  expect(asked).toEqual([{ table: 'agent_tunnels', agent_id: 'agent-berlin', values: ['agent-berlin'] }]);
});

it('does not understand what is no id', async () => {
  expect(await app.ask('GET', 'edge-agents/agent.*/tunnels')).toMatchObject({ status: 400, body: { errors: [{ field: 'agent_id' }] } });
});
