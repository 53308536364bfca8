import { DomainEvent, IsId, asId } from '@app/kernel';
import type { ComponentId } from './component-id.js';

/** Written to see whether, and how fast, the log keeps what it is given. Says nothing else, and nobody reads it. */
@DomainEvent
export class ProbeSent {
  static readonly kind = 'telemetry';
  static readonly type = 'services.probe.sent';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: ProbeSent = { component_id: asId('nats') };
  static readonly streamId = (data: ProbeSent): ComponentId => data.component_id;

  /** Which component is probed by this. */
  @IsId() readonly component_id: ComponentId;
}
