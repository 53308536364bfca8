import { IsIn } from 'class-validator';
import { DomainEvent, IsId, IsNullable, IsText, asId } from '@app/kernel';
import { IsAgentName } from './agent-name.js';
import { DIRECTIONS, type Direction } from './direction.js';
import { METHOD_CLASSES, type MethodClass } from './method-class.js';
import type { PeerId } from './peer-id.js';
import { ROUTE_TABLE } from './route-table-id.js';
import { IsTargetUrl } from './target-url.js';

export const ROUTE_ACTIONS = ['allow', 'deny', 'route'] as const;
export type RouteAction = (typeof ROUTE_ACTIONS)[number];

/**
 * An operator added a rule about calls to the routing table. Its position in the log is the version of the rule, which every call
 * that it decided on names.
 *
 * Invariant   `out` allows or denies; `in` routes, to a `target_url`, or denies.
 * Not this    that any call matches it: of all rules the first that matches decides, and where none does the call is denied.
 */
@DomainEvent
export class RouteAdded {
  static readonly kind = 'fact';
  static readonly type = 'federation.route.added';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: RouteAdded = {
    route_table: 'main',
    rule_id: 'rule-5c10e2b7a9d243f0',
    before: 'rule-1d8877fe02ab6c94',
    direction: 'in',
    peer_id: asId('peer-3f2a91bc04de77a1'),
    agent: 'planner',
    method_class: 'send',
    action: 'route',
    target_url: 'https://agents.example/planner/',
    note: 'Lisbon plans with ours',
  };
  static readonly streamId = (data: RouteAdded): string => data.route_table;

  @IsIn([ROUTE_TABLE]) readonly route_table: typeof ROUTE_TABLE;

  @IsId() readonly rule_id: string;

  /** The rule it stands before; null: after all others. */
  @IsNullable() @IsId() readonly before: string | null;

  @IsIn(DIRECTIONS) readonly direction: Direction;

  /** Whose calls, or calls to whom; null: any peer's. */
  @IsNullable() @IsId() readonly peer_id: PeerId | null;

  /** null: any agent. */
  @IsNullable() @IsAgentName() readonly agent: string | null;

  /** null: any. */
  @IsNullable() @IsIn(METHOD_CLASSES) readonly method_class: MethodClass | null;

  @IsIn(ROUTE_ACTIONS) readonly action: RouteAction;

  /** The base URL of the agent that calls are routed to; null when nothing is routed. */
  @IsNullable() @IsTargetUrl() readonly target_url: string | null;

  /** Why, in the operator's own words; may be empty. At most 500 characters. */
  @IsText(500, { lines: true }) readonly note: string;
}
