import { DomainEvent, IsId, asId } from '@app/kernel';
import type { ComponentId } from './component-id.js';

/** The configuration no longer names a component: it is not watched any more, and not shown. Declared again, it starts anew. */
@DomainEvent
export class ComponentRetired {
  static readonly kind = 'fact';
  static readonly type = 'services.component.retired';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: ComponentRetired = { component_id: asId('gateway-berlin') };
  static readonly streamId = (data: ComponentRetired): ComponentId => data.component_id;

  @IsId() readonly component_id: ComponentId;
}
