import { IsBoolean, IsIn } from 'class-validator';
import { type Instant, IsInstant, IsNullable, IsText } from '@app/kernel';
import { CHANNEL_ERRORS, type ChannelError } from './gateway-state.js';

/** A channel that is set up at a gateway beside an agent, all its accounts together. */
export class GatewayChannel {
  /** Unique within its gateway. */
  @IsText(48) readonly name: string;

  /** Null: the gateway does not say. */
  @IsNullable() @IsBoolean() readonly connected: boolean | null;

  /** The gateway's word for what the channel does: `ready`, `recovering`. */
  @IsNullable() @IsText(48) readonly lifecycle: string | null;

  /** Class of what it last failed of, while it is not connected. */
  @IsNullable() @IsIn(CHANNEL_ERRORS) readonly error: ChannelError | null;

  /** Since when it is not connected at the latest, by our clock; null: it is, or has no connection to hold. */
  @IsNullable() @IsInstant() readonly down_since: Instant | null;
}
