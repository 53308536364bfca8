import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Instant } from '@app/kernel';

/** A join token that was issued. Whether it is still good, its facts say: a row alone opens nothing. */
@Entity({ schema: 'private', name: 'edge_join_token' })
export class JoinTokenRow {
  @PrimaryColumn({ type: 'text' }) join_token_id: string;

  /** SHA-256 of the token, in hex. The token has 256 random bits, so the hash needs neither salt nor slowness. */
  @Column({ type: 'text', unique: true }) hash: string;

  @Column({ type: 'text', collation: 'C' }) expires_at: Instant;
}
