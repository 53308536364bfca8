import { type Details, type Instant, streamOf } from '@app/kernel';
import * as events from './events/index.js';
import type { ComponentDeclared, ComponentStatus, Reason } from './events/index.js';

export type Declaration = Omit<ComponentDeclared, 'component_id'>;

/** The last status, as far as whoever judges next must know it. */
export interface LastStatus {
  readonly status: ComponentStatus;
  readonly reason: Reason | null;
  readonly details: Details;
  readonly since: Instant;
  readonly last_good_at: Instant | null;
}

/** What the rules of one component need to know. */
export type Component =
  | { lifecycle: 'unknown' | 'retired' }
  /** `verdict` is null until there is a first. */
  | { lifecycle: 'watched'; declaration: Declaration; reportedStatus: LastStatus | null };

export const component = streamOf('services.component', events).folds<Component>({
  initial: { lifecycle: 'unknown' },
  evolve: {
    'services.component.declared': (before, { data: { kind, name, target, critical } }) => ({
      lifecycle: 'watched',
      declaration: { kind, name, target, critical },
      reportedStatus: before.lifecycle === 'watched' ? before.reportedStatus : null,
    }),
    'services.component.status-changed': (before, { data: { to, reason, details, since, last_good_at } }) =>
      before.lifecycle === 'watched' ? { ...before, reportedStatus: { status: to, reason, details, since, last_good_at } } : before,
    'services.component.retired': () => ({ lifecycle: 'retired' }),
  },
});
