import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TokenRole } from '@app/http';
import type { Instant } from '@app/kernel';
import type { CallBinding } from '../events/index.js';

/** A service token that opens something. A revoked one has no row. */
@Entity({ schema: 'private', name: 'service_token' })
export class ServiceTokenRow {
  @PrimaryColumn({ type: 'text' }) token_id: string;

  /** SHA-256 of the token, in hex. The token has 256 random bits, so the hash needs neither salt nor slowness. */
  @Column({ type: 'text', unique: true }) hash: string;

  @Column({ type: 'text' }) name: string;

  @Column({ type: 'text' }) role: TokenRole;

  @Column({ type: 'text', collation: 'C', nullable: true }) expires_at: Instant | null;

  /** When it first opened something; null: never, so that its secret may still be replaced. */
  @Column({ type: 'text', collation: 'C', nullable: true }) used_at: Instant | null;

  /** Who calls with it; null: an earlier release wrote the row, and the token is a caller of its own. */
  @Column({ type: 'text', nullable: true }) caller_id: string | null;

  /** The A2A calls that it may make; null: an earlier release wrote the row, and the role says. */
  @Column({ type: 'jsonb', nullable: true }) bindings: readonly CallBinding[] | null;
}
