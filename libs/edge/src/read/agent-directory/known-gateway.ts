import { type Instant, IsInstant, IsNullable } from '@app/kernel';
import { GatewaySnapshot } from '../../events/index.js';

/** One gateway as its agent reported it, with what was known of it before it stopped answering. */
export class KnownGateway extends GatewaySnapshot {
  /** Time of `version` and `started_at`, once the gateway does not answer; null: they are of the last report. */
  @IsNullable() @IsInstant() readonly known_at: Instant | null;
}

/** An agent that cannot reach a gateway reports no version and no start: those of the last report that had them stay, with their time. */
export function remembered(reported: GatewaySnapshot, before: KnownGateway | undefined, at: Instant): KnownGateway {
  const version = reported.version ?? before?.version ?? null;
  const started_at = reported.started_at ?? before?.started_at ?? null;
  if (reported.state !== 'unreachable' || before === undefined || (version === null && started_at === null))
    return { ...reported, known_at: null };
  return { ...reported, version, started_at, known_at: before.state === 'unreachable' ? before.known_at : at };
}
