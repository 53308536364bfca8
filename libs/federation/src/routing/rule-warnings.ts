import { DEFAULT_LIMITS } from './events/route-limits.js';
import type { RouteRule } from './routing.js';

/** What goes on working of a rule of an earlier release, and will not for ever. A rule that denies opens nothing, so it needs nothing. */
export function warningsOf({ rule_id, action, classes, limits }: Pick<RouteRule, 'rule_id' | 'action' | 'classes' | 'limits'>): string[] {
  if (action === 'deny') return [];
  const { calls_per_minute, concurrent_calls, body_bytes } = DEFAULT_LIMITS;
  return [
    ...(classes === null
      ? [
          `It names no classes, so it lets admin methods through as well: they set where an agent sends push notifications. Name its ` +
            `classes: ap infrastructure routes edit ${rule_id} --classes read,send`,
        ]
      : []),
    ...(limits === null
      ? [
          `It has no limits. A later release enforces ${calls_per_minute} calls a minute, ${concurrent_calls} at once and ${body_bytes} bytes ` +
            `of bodies; until then more is logged. Set its own: ap infrastructure routes edit ${rule_id} --calls-per-minute ${calls_per_minute}`,
        ]
      : []),
  ];
}
