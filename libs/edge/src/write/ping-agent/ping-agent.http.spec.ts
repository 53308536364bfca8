import { CommandHandler, RequestReply, Unanswered } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type TestApp, testAppOf } from '@app/http/testing';
import { about, enrolled } from '../../../testing/index.js';
import { PingAgentController } from './ping-agent.controller.js';

const asked: unknown[] = [];
let answer: () => Promise<object>;
let app: TestApp;
beforeAll(async () => {
  const log = new MemoryLog();
  log.add(enrolled);
  const rpc = { ask: (...request: unknown[]) => (asked.push(request), answer()) };
  app = await testAppOf(
    [PingAgentController],
    [
      { provide: CommandHandler, useValue: log },
      { provide: RequestReply, useValue: rpc },
    ],
  );
});
afterAll(() => app.close());

const ping = (agentId: string = about.agent_id) => app.ask('POST', `edge-agents/${agentId}/ping`);

it('answers what the process says that holds the tunnel', async () => {
  answer = async () => ({ ok: true, rtt_ms: 3.2, sentence: 'The agent answered in 3.2 ms.' });
  expect(await ping()).toMatchObject({ status: 200, body: { ok: true, rtt_ms: 3.2, sentence: 'The agent answered in 3.2 ms.' } });
  expect(asked).toEqual([['edge.ping-agent', { agent_id: about.agent_id }, 8_000]]);
});

it('says when no process answers', async () => {
  answer = () => Promise.reject(new Unanswered('edge.ping-agent'));
  expect(await ping()).toMatchObject({ status: 503, body: { code: 'edge.not-running' } });
});

it('says no to an agent nobody enrolled', async () => {
  expect(await ping('agent-nobody')).toMatchObject({ status: 404, body: { code: 'edge.agent-unknown' } });
  expect(await ping('no.id')).toMatchObject({ status: 400 });
});
