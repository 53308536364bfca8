import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Instant } from '@app/kernel';

/** The private half of the key of this instance, sealed. Written before the fact that names it. */
@Entity({ schema: 'private', name: 'instance_key' })
export class InstanceKeyRow {
  @PrimaryColumn({ type: 'text' })
  key_id: string;

  /** By a `SecretBox`, under `instance-key <key_id>`. */
  @Column({ type: 'text' })
  sealed: string;

  @Column({ type: 'text' })
  created_at: Instant;
}
