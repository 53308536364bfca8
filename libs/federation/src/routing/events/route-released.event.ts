import { IsIn } from 'class-validator';
import { DomainEvent, IsId } from '@app/kernel';
import { ROUTE_TABLE } from './route-table-id.js';

/**
 * An admin released a routing rule that was held: it decides again.
 */
@DomainEvent
export class RouteReleased {
  static readonly kind = 'fact';
  static readonly type = 'federation.route.released';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: RouteReleased = { route_table: 'main', rule_id: 'rule-5c10e2b7a9d243f0' };
  static readonly streamId = (data: RouteReleased): string => data.route_table;

  @IsIn([ROUTE_TABLE]) readonly route_table: typeof ROUTE_TABLE;

  @IsId() readonly rule_id: string;
}
