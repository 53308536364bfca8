import type { AnyFold } from '@app/kernel';
import * as events from './events/index.js';
import { ServiceProbe } from './private/service-probe.entity.js';
import { ServiceProbe1767830400000 } from './private/service-probe.migration.js';
import { ComponentDirectoryController } from './read/component-directory/component-directory.controller.js';
import { componentDirectory } from './read/component-directory/component-directory.projection.js';
import { componentEvaluated } from './read/component-directory/component-evaluated.rollup.js';
import { componentLatest } from './read/component-directory/component-latest.rollup.js';
import { componentMinute } from './read/component-directory/component-minute.rollup.js';
import { seenGateways } from './read/seen-gateways/seen-gateways.projection.js';
import { refusals } from './refusals.js';

/** The context's definition: plain objects and nothing that runs. Each process takes only its part. */
export const services = {
  events, //                                                          who folds, projects or lists them
  refusals, //                                                        who answers with them
  projections: [componentDirectory, componentEvaluated, componentLatest, componentMinute, seenGateways] as readonly AnyFold[], // the projector
  resources: ['services'], //                                         the roots of its routes, no other room's
  controllers: [ComponentDirectoryController], //                     the API; `LiveOverlay` is given
  providers: [],
  entities: [ServiceProbe], //                                        the set-up
  migrations: [ServiceProbe1767830400000], //                         the set-up
} as const;
