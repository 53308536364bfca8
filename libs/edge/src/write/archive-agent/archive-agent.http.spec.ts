import { CommandHandler } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type Door, doorOf } from '@app/http/testing';
import { about, enrolled } from '../../../testing/index.js';
import { UnarchiveAgentController } from '../unarchive-agent/unarchive-agent.controller.js';
import { ArchiveAgentController } from './archive-agent.controller.js';

let door: Door;
let log: MemoryLog;
beforeAll(async () => {
  log = new MemoryLog();
  log.add(enrolled);
  door = await doorOf([ArchiveAgentController, UnarchiveAgentController], [{ provide: CommandHandler, useValue: log }]);
});
afterAll(() => door.close());

it('archives and undoes it, answers where that is, and may be asked again', async () => {
  const ask = (what: string) => door.ask('POST', `edge-agents/${about.agent_id}/${what}`, {});
  for (const [what, type, position] of [
    ['archive', 'edge.agent.archived', 'f2'],
    ['unarchive', 'edge.agent.unarchived', 'f3'],
  ] as const) {
    expect(await ask(what)).toMatchObject({ status: 202, body: { position } });
    expect(log.facts.at(-1)).toMatchObject({ type, data: { ...about, reason: 'operator' } });
    expect(await ask(what)).toMatchObject({ status: 202, body: { position } });
  }
});

it.each(['archive', 'unarchive'])('refuses to %s an agent nobody enrolled', async (what) => {
  expect(await door.ask('POST', `edge-agents/agent-nobody/${what}`, {})).toMatchObject({
    status: 404,
    body: { code: 'edge.agent-unknown' },
  });
});

it.each(['archive', 'unarchive'])('does not understand a body of %s that says more', async (what) => {
  const answer = await door.ask('POST', `edge-agents/${about.agent_id}/${what}`, { reason: 'ephemeral' });
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'reason' }] } });
});
