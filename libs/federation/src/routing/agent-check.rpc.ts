import { IsId, IsNullable, IsShape, IsText } from '@app/kernel';
import { RouteCredential } from './events/route-credential.js';
import { IsTargetUrl } from './events/target-url.js';

/** Request over NATS to the process `federation`, which reads the card of an agent. */
export const CHECK_AGENT = 'federation.check-agent';

/** Where a routing rule leads. The process that speaks with agents opens the credential itself. */
export class AgentToCheck {
  @IsText(64) agent: string;

  @IsNullable() @IsId() rule_id: string | null;

  @IsTargetUrl() target_url: string;

  @IsNullable() @IsShape(RouteCredential) credential: RouteCredential | null;
}
