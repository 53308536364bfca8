import { ProblemException, problemOf } from '@app/http';
import { refuse } from '@app/kernel';
import { ProjectionRefused } from '@app/read-store';
import { refusals } from './refusals.js';

/** What a projector would not do, as a problem of this context. */
export async function askProjector<T>(name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ProjectionRefused)) throw error;
    if (error.code === 'read-store.roll-up') throw problemOf(refusals, refuse('log.projection-is-rollup', { name }));
    throw new ProblemException({
      title: 'Projector not able',
      status: 503,
      code: error.code === 'read-store.not-kept' ? 'log.projector-not-running' : 'log.projector-failed',
      detail: error.message,
      next: 'Look at Service Health and at the log of the projector, and try again.',
    });
  }
}
