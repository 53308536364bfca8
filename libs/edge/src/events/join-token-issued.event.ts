import { IsBoolean } from 'class-validator';
import { DomainEvent, type Instant, IsId, IsInstant, IsNullable, asId } from '@app/kernel';
import { IsLabel } from './agent-label.js';
import { IsHostnamePattern } from './hostname-pattern.js';
import type { JoinTokenId } from './join-token-id.js';

/**
 * An operator let one agent join: whoever holds the token, once, until it expires.
 *
 * Not this    the token. It was shown once, and only its hash is kept, in a table that no event names.
 */
@DomainEvent
export class JoinTokenIssued {
  static readonly kind = 'fact';
  static readonly type = 'edge.join-token.issued';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: JoinTokenIssued = {
    join_token_id: asId('join-3f2a91bc04de77a1'),
    label: 'Berlin, rack 4',
    hostname_pattern: 'edge-*.berlin.example',
    ephemeral: false,
    expires_at: '2026-02-01T12:30:00.000Z',
  };
  static readonly streamId = (data: JoinTokenIssued): JoinTokenId => data.join_token_id;

  @IsId() readonly join_token_id: JoinTokenId;

  /** What the agent will be called; null: as its host. */
  @IsNullable() @IsLabel() readonly label: string | null;

  /** Null: any host. */
  @IsNullable() @IsHostnamePattern() readonly hostname_pattern: string | null;

  /** The agent is not meant to last: nobody need be alarmed when it is gone. */
  @IsBoolean() readonly ephemeral: boolean;

  @IsInstant() readonly expires_at: Instant;
}
