import type { AnyFold } from '@app/kernel';
import type { Plumbing } from '@app/process';
import { JetStreamStrategy, Projector } from '@app/read-store';

/** The strategy with which Nest runs the projectors of these folds. */
export function projectorStrategy({ store, pool, log }: Plumbing, folds: readonly AnyFold[]): JetStreamStrategy {
  const logger = log.child({ context: 'projector' });
  const projectors = folds.map((fold) => new Projector(fold, store, pool, (level, words) => logger[level](words)));
  return new JetStreamStrategy(projectors, store.rpc, pool);
}
