import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '@app/http';
import type { Instant } from '@app/kernel';

/** A one-time login code, until it has expired and is swept. */
@Entity({ schema: 'private', name: 'login_code' })
export class LoginCodeRow {
  /** SHA-256 of the code, in hex. */
  @PrimaryColumn({ type: 'text' }) hash: string;

  /** Of the session it opens. */
  @Column({ type: 'text' }) role: Role;

  @Column({ type: 'text', collation: 'C' }) expires_at: Instant;

  @Column({ type: 'text', collation: 'C', nullable: true }) used_at: Instant | null;
}
