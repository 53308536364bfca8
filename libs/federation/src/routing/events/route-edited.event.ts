import { IsIn } from 'class-validator';
import { DomainEvent, IsId, IsNullable, IsShape, IsText } from '@app/kernel';
import type { MethodClass } from './method-class.js';
import { IsMethodClasses } from './method-classes.js';
import { RouteCredential } from './route-credential.js';
import { RouteLimits } from './route-limits.js';
import { ROUTE_TABLE } from './route-table-id.js';
import { IsTargetUrl } from './target-url.js';

/**
 * An operator changed a rule of the routing table; it keeps its place, and whom it is about. All that can be edited is here as it is from
 * now on. The position of this fact is the version of the rule from now on.
 *
 * Invariant   as of `RouteAdded`. A credential that stays goes to the origin it was given for: another origin comes with another one.
 */
@DomainEvent
export class RouteEdited {
  static readonly kind = 'fact';
  static readonly type = 'federation.route.edited';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: RouteEdited = {
    route_table: 'main',
    rule_id: 'rule-5c10e2b7a9d243f0',
    classes: ['read', 'send', 'admin'],
    target_url: 'https://agents.example/planner-2/',
    credential: {
      credential_id: '1b4e28ba-2fa1-41d2-883f-0016d3cca427',
      header: 'Authorization',
      version: 2,
      fingerprint: '91bc-04de-77a1-3f2a',
    },
    limits: { calls_per_minute: 60, concurrent_calls: 8, body_bytes: 4_194_304 },
    note: 'Lisbon plans with ours, on the new host',
  };
  static readonly streamId = (data: RouteEdited): string => data.route_table;

  @IsIn([ROUTE_TABLE]) readonly route_table: typeof ROUTE_TABLE;

  @IsId() readonly rule_id: string;

  @IsNullable() @IsMethodClasses() readonly classes: readonly MethodClass[] | null;

  @IsNullable() @IsTargetUrl() readonly target_url: string | null;

  @IsNullable() @IsShape(RouteCredential) readonly credential: RouteCredential | null;

  @IsNullable() @IsShape(RouteLimits) readonly limits: RouteLimits | null;

  @IsText(500, { lines: true }) readonly note: string;
}
