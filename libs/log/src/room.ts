import type { AnyFold } from '@app/kernel';
import * as events from './events/index.js';
import { ProjectionListController } from './read/projection-list/projection-list.controller.js';
import { refusals } from './refusals.js';
import { RebuildProjectionController } from './write/rebuild-projection/rebuild-projection.controller.js';
import { RetryProjectionController } from './write/retry-projection/retry-projection.controller.js';
import { VoidEventController } from './write/void-event/void-event.controller.js';

/** The journal itself: what was voided in it, and what an operator accepted of it. Each process takes only its part. */
export const log = {
  events, //                                          who folds, projects or lists them
  refusals, //                                        who answers with them
  projections: [] as readonly AnyFold[], //           the projector
  reactions: [], //                                   the reactor
  resources: ['projections'], //                      the roots of its routes, no other context's
  controllers: [ProjectionListController, RetryProjectionController, RebuildProjectionController, VoidEventController], // the API; `Projections` and `Browser` are given
  entities: [], //                                    the set-up
  migrations: [], //                                  the set-up
} as const;
