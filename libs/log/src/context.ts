import { type AnyFold, Clock } from '@app/kernel';
import * as events from './events/index.js';
import { Doctor } from './read/doctor/doctor.adapter.js';
import { DoctorController } from './read/doctor/doctor.controller.js';
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
  resources: ['doctor', 'projections'], //            the roots of its routes, no other context's
  controllers: [DoctorController, ProjectionListController, RetryProjectionController, RebuildProjectionController, VoidEventController], // the API; `Projections`, `Browser`, `LogInspector`, `DatabaseInspector`, `Disks` and `StrangersSource` are given
  providers: [Clock, Doctor], //                      the API
  entities: [], //                                    the set-up
  migrations: [], //                                  the set-up
} as const;
