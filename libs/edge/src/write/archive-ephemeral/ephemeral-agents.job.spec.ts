import { MemoryLog } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { later } from '@app/kernel/testing';
import type { ReadModels } from '@app/read-store';
import { about, enrolled } from '../../../testing/index.js';
import { AgentEnrolled } from '../../events/index.js';
import { EphemeralAgentsJob } from './ephemeral-agents.job.js';

const TWO_DAYS = later(2 * 24 * 60);

it('asks for those that are away for a day, and archives each by its own history', async () => {
  const log = new MemoryLog();
  log.now = () => later(0);
  log.add(newEvent(AgentEnrolled, { ...enrolled.data, ephemeral: true }));
  log.now = () => TWO_DAYS;
  const asked: (readonly unknown[])[] = [];
  const reads: ReadModels = {
    answer: async (_model, _about, query) => {
      const rows = [about, { agent_id: 'agent-nobody' }];
      const data = await query({ query: async (_text, values) => (asked.push(values), { rows }) });
      return { data, as_of: TWO_DAYS, position: 'f1', lag_ms: 0, warnings: [] };
    },
  };
  const job = new EphemeralAgentsJob(log, reads);
  await job.run(TWO_DAYS);
  await job.run(TWO_DAYS);
  expect(asked[0]).toEqual([later(24 * 60), ['enrolled', 'disconnected', 'stale', 'quarantined', 'revoked']]);
  expect(log.of('edge.agent.archived')).toEqual([{ ...about, reason: 'ephemeral' }]);
});
