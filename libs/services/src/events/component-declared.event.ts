import { IsBoolean, IsIn } from 'class-validator';
import { DomainEvent, IsId, IsName, IsNullable, IsText, asId } from '@app/kernel';
import type { ComponentId } from './component-id.js';
import { COMPONENT_KINDS, type ComponentKind } from './component-kind.js';

/** The configuration names a component that was not watched before, or names it otherwise than before. Watching it goes on as it stood. */
@DomainEvent
export class ComponentDeclared {
  static readonly kind = 'fact';
  static readonly type = 'services.component.declared';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: ComponentDeclared = {
    component_id: asId('gateway-berlin'),
    kind: 'gateway',
    name: 'berlin',
    target: 'http://10.0.4.7:18789',
    critical: true,
  };
  static readonly streamId = (data: ComponentDeclared): ComponentId => data.component_id;

  @IsId() readonly component_id: ComponentId;

  @IsIn(COMPONENT_KINDS) readonly kind: ComponentKind;

  /** What operators call it. At most 100 characters. */
  @IsName(100) readonly name: string;

  /** Where it is probed, never with credentials; null: nowhere one could go to. At most 300 characters. */
  @IsNullable() @IsText(300) readonly target: string | null;

  /** Whether its failure alone is the failure of all of its kind. */
  @IsBoolean() readonly critical: boolean;
}
