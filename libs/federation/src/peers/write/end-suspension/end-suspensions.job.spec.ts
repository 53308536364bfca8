import { LogUnavailable } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { UnknownEvent, asId } from '@app/kernel';
import { NOW, later } from '@app/kernel/testing';
import type { ReadModels } from '@app/read-store';
import { registered, suspended } from '../../../../testing/index.js';
import type { PeerId } from '../../events/index.js';
import { EndSuspensionsJob } from './end-suspensions.job.js';

const { peer_id } = registered.data;
let log: MemoryLog;
let asked: readonly unknown[];
beforeEach(() => {
  log = new MemoryLog();
  log.now = () => later(60);
  log.add(registered, suspended);
});
/** Rows that say of these peers that they are due. */
const jobOf = (...due: PeerId[]): EndSuspensionsJob => {
  const reads: ReadModels = {
    answer: async (_fold, _asked, query) => ({
      data: await query({ query: async (_text, values) => ((asked = values), { rows: due.map((id) => ({ peer_id: id })) }) }),
      as_of: NOW,
      position: 'f1',
      lag_ms: 0,
      warnings: [],
    }),
  };
  return new EndSuspensionsJob(log, reads);
};

it('ends the suspensions that rows say are due now', async () => {
  await jobOf(peer_id).run(later(60));
  expect([asked, log.types.at(-1)]).toEqual([[later(60)], 'federation.peer.resumed']);
});

it('goes on with the others when the history of one cannot be read', async () => {
  const handle = log.handle.bind(log);
  const newer = asId<PeerId>('peer-newer');
  log.handle = (decider, commanded) => {
    if ((commanded.data as { peer_id: PeerId }).peer_id === newer) throw new UnknownEvent('federation.peer.adorned', 1);
    return handle(decider, commanded);
  };
  await jobOf(newer, peer_id).run(later(60));
  expect(log.types.at(-1)).toBe('federation.peer.resumed');
});

it('stops when the log does not answer, and is due again', async () => {
  log.isDown = true;
  await expect(jobOf(peer_id).run(later(60))).rejects.toThrow(LogUnavailable);
});
