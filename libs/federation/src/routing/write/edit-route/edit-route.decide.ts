import { type Decider, newEvent, refuse } from '@app/kernel';
import { type MethodClass, RouteEdited, type RouteLimits } from '../../events/index.js';
import { DEFAULT_LIMITS } from '../../events/route-limits.js';
import { ROUTE_TABLE } from '../../events/route-table-id.js';
import type { Refused } from '../../refusals.js';
import { routeTable } from '../../route-table.stream.js';
import type { RouteRule, Routes } from '../../routing.js';
import { isSameOrigin } from '../../same-origin.js';

/** What was asked; what is undefined stays. */
export interface RouteToEdit {
  readonly rule_id: string;
  readonly classes?: readonly MethodClass[] | undefined;
  readonly target_url?: string | undefined;
  /** A value that is kept for a target; null: none from now on. */
  readonly credential?: (Omit<RouteCredentialGiven, 'version'> & { readonly target_url: string }) | null | undefined;
  readonly limits?: Partial<RouteLimits> | undefined;
  readonly note?: string | undefined;
}
type RouteCredentialGiven = NonNullable<RouteEdited['credential']>;

type No = Refused<
  | 'federation.rule-unknown'
  | 'federation.target-unused'
  | 'federation.credential-unused'
  | 'federation.credential-origin'
  | 'federation.limits-unused'
>;

export const editRoute: Decider<Routes, RouteToEdit, typeof RouteEdited, No> = {
  on: () => routeTable.of(ROUTE_TABLE),
  decide: (rules, { data }) => {
    const rule = rules.find(({ rule_id }) => rule_id === data.rule_id);
    if (rule === undefined) return refuse('federation.rule-unknown', { rule_id: data.rule_id });
    const { rule_id, action } = rule;
    if (data.target_url !== undefined && action !== 'route') return refuse('federation.target-unused', { action });
    if (data.credential !== undefined && action !== 'route') return refuse('federation.credential-unused', { action });
    if (data.limits !== undefined && action === 'deny') return refuse('federation.limits-unused');
    const target_url = data.target_url ?? rule.target_url;
    const givenFor = data.credential === undefined ? rule.credential && rule.target_url : (data.credential?.target_url ?? null);
    if (givenFor !== null && target_url !== null && !isSameOrigin(givenFor, target_url))
      return refuse('federation.credential-origin', { rule_id, origin: new URL(givenFor).origin });
    const edited = {
      ...editableOf(rule),
      ...definedOf(data),
      target_url,
      credential: credentialOf(rule, data),
      limits: limitsOf(rule, data),
    };
    if (JSON.stringify(edited) === JSON.stringify(editableOf(rule))) return []; // Asking twice is not an error.
    return [newEvent(RouteEdited, { route_table: ROUTE_TABLE, rule_id, ...edited })];
  },
};

const editableOf = ({ classes, target_url, credential, limits, note }: RouteRule) => ({ classes, target_url, credential, limits, note });

const definedOf = ({ classes, note }: RouteToEdit) => ({ ...(classes !== undefined && { classes }), ...(note !== undefined && { note }) });

function credentialOf({ credential: before }: RouteRule, { credential: given }: RouteToEdit): RouteCredentialGiven | null {
  if (given === undefined) return before;
  if (given === null) return null;
  const { target_url: _, ...credential } = given;
  return { ...credential, version: (before?.version ?? 0) + 1 };
}

const limitsOf = ({ limits: before }: RouteRule, { limits: given }: RouteToEdit): RouteLimits | null =>
  given === undefined ? before : { ...(before ?? DEFAULT_LIMITS), ...given };
