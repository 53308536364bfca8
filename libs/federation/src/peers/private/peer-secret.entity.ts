import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Instant } from '@app/kernel';

/** The shared secret of one peer, sealed. Written before the fact that names it, and gone when no fact does. */
@Entity({ schema: 'private', name: 'peer_secret' })
export class PeerSecret {
  @PrimaryColumn({ type: 'text' })
  secret_id: string;

  @Column({ type: 'text' })
  peer_id: string;

  @Column({ type: 'integer' })
  version: number;

  /** By a `SecretBox`, under `secret_id`. */
  @Column({ type: 'text' })
  sealed: string;

  @Column({ type: 'text' })
  fingerprint: string;

  @Column({ type: 'text' })
  created_at: Instant;
}
