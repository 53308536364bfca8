import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Instant } from '@app/kernel';

/** The value of the credential of one routing rule, sealed. Written before the fact that names it, and gone when no fact does. */
@Entity({ schema: 'private', name: 'route_credential' })
export class RouteCredentialRow {
  @PrimaryColumn({ type: 'text' })
  credential_id: string;

  @Column({ type: 'text' })
  rule_id: string;

  /** By a `SecretBox`, under `credential_id` and the origin it may be sent to. */
  @Column({ type: 'text' })
  sealed: string;

  @Column({ type: 'text' })
  created_at: Instant;
}
