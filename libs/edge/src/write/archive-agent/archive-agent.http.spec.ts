import { CommandHandler } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type TestApp, testAppOf } from '@app/http/testing';
import { about, enrolled } from '../../../testing/index.js';
import { ArchiveAgentController } from './archive-agent.controller.js';

let app: TestApp;
let log: MemoryLog;
beforeAll(async () => {
  log = new MemoryLog();
  log.add(enrolled);
  app = await testAppOf([ArchiveAgentController], [{ provide: CommandHandler, useValue: log }]);
});
afterAll(() => app.close());

const ask = (agentId: string, body: object = {}) => app.ask('POST', `edge-agents/${agentId}/archive`, body);

it('archives an agent, answers where that is, and may be asked again', async () => {
  const position = 'f2';
  expect(await ask(about.agent_id)).toMatchObject({ status: 202, body: { position } });
  expect(log.facts.at(-1)).toMatchObject({ type: 'edge.agent.archived', data: { ...about, reason: 'operator' } });
  expect(await ask(about.agent_id)).toMatchObject({ status: 202, body: { position } });
});

it('refuses an agent nobody enrolled', async () => {
  expect(await ask('agent-nobody')).toMatchObject({ status: 404, body: { code: 'edge.agent-unknown' } });
});

it('does not understand a body that says more', async () => {
  expect(await ask(about.agent_id, { reason: 'ephemeral' })).toMatchObject({ status: 400, body: { errors: [{ field: 'reason' }] } });
});
