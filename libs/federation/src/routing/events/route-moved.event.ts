import { IsIn } from 'class-validator';
import { DomainEvent, IsId, IsNullable } from '@app/kernel';
import { ROUTE_TABLE } from './route-table-id.js';

/**
 * An operator moved a rule to another place in the routing table. The rule itself stays as it is, and keeps its version. A call that is
 * under way and would be let through the same way no more is cut.
 */
@DomainEvent
export class RouteMoved {
  static readonly kind = 'fact';
  static readonly type = 'federation.route.moved';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: RouteMoved = { route_table: 'main', rule_id: 'rule-5c10e2b7a9d243f0', before: 'rule-1d8877fe02ab6c94' };
  static readonly streamId = (data: RouteMoved): string => data.route_table;

  @IsIn([ROUTE_TABLE]) readonly route_table: typeof ROUTE_TABLE;

  @IsId() readonly rule_id: string;

  /** The rule it stands before; null: after all others. */
  @IsNullable() @IsId() readonly before: string | null;
}
