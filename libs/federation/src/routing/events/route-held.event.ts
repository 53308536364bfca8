import { IsIn } from 'class-validator';
import { DomainEvent, IsId } from '@app/kernel';
import { ROUTE_TABLE } from './route-table-id.js';

/**
 * The log lost its end and was accepted as it is. What the lost part held of a routing rule differs from what the log says now, so a call it matches is denied until
 * an admin releases it.
 */
@DomainEvent
export class RouteHeld {
  static readonly kind = 'fact';
  static readonly type = 'federation.route.held';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: RouteHeld = { route_table: 'main', rule_id: 'rule-5c10e2b7a9d243f0' };
  static readonly streamId = (data: RouteHeld): string => data.route_table;

  @IsIn([ROUTE_TABLE]) readonly route_table: typeof ROUTE_TABLE;

  @IsId() readonly rule_id: string;
}
