import { IsIn } from 'class-validator';
import { DomainEvent, IsId } from '@app/kernel';
import { ROUTE_TABLE } from './route-table-id.js';

/**
 * An operator removed a rule from the routing table: the rules after it move up. A call that is under way and would be let through the same
 * way no more is cut.
 */
@DomainEvent
export class RouteRemoved {
  static readonly kind = 'fact';
  static readonly type = 'federation.route.removed';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: RouteRemoved = { route_table: 'main', rule_id: 'rule-5c10e2b7a9d243f0' };
  static readonly streamId = (data: RouteRemoved): string => data.route_table;

  @IsIn([ROUTE_TABLE]) readonly route_table: typeof ROUTE_TABLE;

  @IsId() readonly rule_id: string;
}
