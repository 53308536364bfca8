import { ArrayMaxSize, IsIn } from 'class-validator';
import { type Details, DomainEvent, IsDetails, IsId, IsNullable, IsText, asId } from '@app/kernel';
import type { ComponentId } from './component-id.js';
import { COMPONENT_STATUSES, type ComponentStatus } from './component-status.js';
import { REASONS, type Reason } from './reason.js';

/**
 * An evaluation left status and reason of a component as they are, and found other details. Telemetry: at most one every 5 s and component;
 * a roll-up keeps the last. Stored after the fact that it details.
 *
 * Not this    that the component is something else now. That is `services.component.status-changed`.
 */
@DomainEvent
export class EvaluationUpdated {
  static readonly kind = 'telemetry';
  static readonly type = 'services.evaluation.updated';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: EvaluationUpdated = {
    component_id: asId('gateways'),
    status: 'amber',
    reason: 'dependency_down',
    details: { down_count: 1, members: 5, down: ['berlin'], critical: [] },
    evidence: ['f81733'],
  };
  static readonly streamId = (data: EvaluationUpdated): ComponentId => data.component_id;

  @IsId() readonly component_id: ComponentId;

  @IsIn(COMPONENT_STATUSES) readonly status: ComponentStatus;

  /** null: it is green. */
  @IsNullable() @IsIn(REASONS) readonly reason: Reason | null;

  /** What the sentence is made of. */
  @IsDetails() readonly details: Details;

  /** Positions of the statuses on others that it rests on. Empty where it rests on its own probes. */
  @ArrayMaxSize(16) @IsText(64, { each: true }) readonly evidence: readonly string[];
}
