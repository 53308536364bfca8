import { streamOf } from '@app/kernel';
import * as events from './events/index.js';
import { type Routes, withEdited, withHeld, withMoved, withRule, withoutRule } from './routing.js';

/** The rules in their order, as rules are added to it, changed, moved and removed. */
export const routeTable = streamOf('federation.route', events).folds<Routes>({
  initial: [],
  evolve: {
    'federation.route.added': withRule,
    'federation.route.edited': withEdited,
    'federation.route.moved': withMoved,
    'federation.route.removed': withoutRule,
    'federation.route.held': withHeld(true),
    'federation.route.released': withHeld(false),
  },
});
