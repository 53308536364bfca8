import type { AnyFold } from '@app/kernel';
import * as events from './events/index.js';
import { refusals } from './refusals.js';

/** The journal itself: what was voided in it, and what an operator accepted of it. Each process takes only its part. */
export const log = {
  events, //                                          who folds, projects or lists them
  refusals, //                                        who answers with them
  projections: [] as readonly AnyFold[], //           the projector
  reactions: [], //                                   the reactor
  resources: ['projections'], //                      the roots of its routes, no other context's
  controllers: [], //                                 the API
  entities: [], //                                    the set-up
  migrations: [], //                                  the set-up
} as const;
