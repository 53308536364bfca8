import { streamOf } from '@app/kernel';
import * as events from './events/index.js';
import { type Routes, withHeld, withRule, withoutRule } from './routing.js';

/** The rules in their order, as rules are added to and removed from them. */
export const routeTable = streamOf('federation.route', events).folds<Routes>({
  initial: [],
  evolve: {
    'federation.route.added': withRule,
    'federation.route.removed': withoutRule,
    'federation.route.held': withHeld(true),
    'federation.route.released': withHeld(false),
  },
});
