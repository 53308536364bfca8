import { type DynamicModule, Module } from '@nestjs/common';
import type { AnyFold } from '@app/kernel';
import type { Plumbing } from '@app/process';
import { projectionLag } from '@app/read-store';
import { type ServiceTargets, proberOf } from '@app/services';
import { ProberService } from './prober.service.js';

/** The prober: looks at what the system stands on, and says what it finds. It answers nobody. */
@Module({})
export class ProberModule {
  /** `folds`: the read models whose lag is watched. */
  static with(plumbing: Plumbing, targets: ServiceTargets, folds: readonly AnyFold[]): DynamicModule {
    const { store, pool } = plumbing;
    const logger = plumbing.log.child({ context: 'prober' });
    const machines = { store, pool, warn: (sentence: string) => logger.warn(sentence) };
    const prober = (): ProberService => new ProberService(proberOf(machines, targets, { read: projectionLag(pool, store, folds) }));
    return { module: ProberModule, providers: [{ provide: ProberService, useFactory: prober }] };
  }
}
