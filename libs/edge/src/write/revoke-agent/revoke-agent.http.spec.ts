import { CommandHandler } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type TestApp, testAppOf } from '@app/http/testing';
import { about, enrolled } from '../../../testing/index.js';
import { RevokeAgentController } from './revoke-agent.controller.js';

let app: TestApp;
let log: MemoryLog;
beforeAll(async () => {
  log = new MemoryLog();
  log.add(enrolled);
  app = await testAppOf([RevokeAgentController], [{ provide: CommandHandler, useValue: log }]);
});
afterAll(() => app.close());

it('revokes, answers where that is, and may be asked again', async () => {
  const ask = () => app.ask('POST', `edge-agents/${about.agent_id}/revoke`, { note: 'sold' });
  expect(await ask()).toMatchObject({ status: 202, body: { position: 'f2' } });
  expect(log.facts.at(-1)).toMatchObject({ type: 'edge.agent.revoked', data: { ...about, note: 'sold' } });
  expect(await ask()).toMatchObject({ status: 202, body: { position: 'f2' } });
});

it('says no to an agent nobody enrolled', async () => {
  expect(await app.ask('POST', 'edge-agents/agent-nobody/revoke', { note: '' })).toMatchObject({
    status: 404,
    body: { code: 'edge.agent-unknown' },
  });
});

it.each([
  [{}, 'note'],
  [{ note: 'x'.repeat(501) }, 'note'],
  [{ note: '', force: true }, 'force'],
])('does not understand %j', async (body, field) => {
  const answer = await app.ask('POST', `edge-agents/${about.agent_id}/revoke`, body);
  expect(answer).toMatchObject({ status: 400, body: { errors: expect.arrayContaining([expect.objectContaining({ field })]) } });
});
