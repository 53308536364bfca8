import { IsIn } from 'class-validator';
import { DomainEvent, IsId, IsNullable, IsShape, IsText, asId } from '@app/kernel';
import { IsAgentName } from './agent-name.js';
import { DIRECTIONS, type Direction } from '../../calls/events/direction.js';
import { METHOD_CLASSES, type MethodClass } from './method-class.js';
import { IsMethodClasses } from './method-classes.js';
import type { PeerId } from '../../peers/events/peer-id.js';
import { RouteCredential } from './route-credential.js';
import { RouteLimits } from './route-limits.js';
import { ROUTE_TABLE } from './route-table-id.js';
import { IsTargetUrl } from './target-url.js';

export const ROUTE_ACTIONS = ['allow', 'deny', 'route'] as const;
export type RouteAction = (typeof ROUTE_ACTIONS)[number];

/** Version 1: a rule names one class of methods or none, and carries neither a credential nor limits. */
class RouteAddedV1 {
  static readonly example: RouteAddedV1 = {
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
  static readonly toNext = ({ method_class, ...rule }: RouteAddedV1): RouteAdded => ({
    ...rule,
    classes: method_class === null ? null : [method_class],
    credential: null,
    limits: null,
  });

  @IsIn([ROUTE_TABLE]) readonly route_table: typeof ROUTE_TABLE;

  @IsId() readonly rule_id: string;

  @IsNullable() @IsId() readonly before: string | null;

  @IsIn(DIRECTIONS) readonly direction: Direction;

  @IsNullable() @IsId() readonly peer_id: PeerId | null;

  @IsNullable() @IsAgentName() readonly agent: string | null;

  @IsNullable() @IsIn(METHOD_CLASSES) readonly method_class: MethodClass | null;

  @IsIn(ROUTE_ACTIONS) readonly action: RouteAction;

  @IsNullable() @IsTargetUrl() readonly target_url: string | null;

  @IsText(500, { lines: true }) readonly note: string;
}

/**
 * An operator added a rule about calls to the routing table. Its position in the log is the version of the rule until it is edited,
 * and every call that it decided on names that.
 *
 * Invariant   `out` allows or denies; `in` routes, to a `target_url`, or denies. Only what routes has a credential, and what denies has no
 *             limits.
 * Not this    that any call matches it: of all rules the first that matches decides, and where none does the call is denied.
 */
@DomainEvent
export class RouteAdded {
  static readonly kind = 'fact';
  static readonly type = 'federation.route.added';
  static readonly version = 2;
  static readonly past = { 1: RouteAddedV1 };
  static readonly example: RouteAdded = {
    route_table: 'main',
    rule_id: 'rule-5c10e2b7a9d243f0',
    before: 'rule-1d8877fe02ab6c94',
    direction: 'in',
    peer_id: asId('peer-3f2a91bc04de77a1'),
    agent: 'planner',
    classes: ['read', 'send'],
    action: 'route',
    target_url: 'https://agents.example/planner/',
    credential: {
      credential_id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
      header: 'Authorization',
      version: 1,
      fingerprint: '3f2a-91bc-04de-77a1',
    },
    limits: { calls_per_minute: 600, concurrent_calls: 64, body_bytes: 16_777_216 },
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

  /** The methods it covers, by their class; null: all of them, of a rule that version 1 wrote without a class. */
  @IsNullable() @IsMethodClasses() readonly classes: readonly MethodClass[] | null;

  @IsIn(ROUTE_ACTIONS) readonly action: RouteAction;

  /** The base URL of the agent that calls are routed to; null when nothing is routed. */
  @IsNullable() @IsTargetUrl() readonly target_url: string | null;

  /** Sent to the origin of `target_url` and to no other; null: calls go there without one. */
  @IsNullable() @IsShape(RouteCredential) readonly credential: RouteCredential | null;

  /** null: none are enforced, of a rule that version 1 wrote and of one that denies. */
  @IsNullable() @IsShape(RouteLimits) readonly limits: RouteLimits | null;

  /** Why, in the operator's own words; may be empty. At most 500 characters. */
  @IsText(500, { lines: true }) readonly note: string;
}
