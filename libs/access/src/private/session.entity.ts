import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '@app/http';
import type { Instant } from '@app/kernel';

/** A login that is open, or has run out and is not yet swept. A closed one has no row. */
@Entity({ schema: 'private', name: 'session' })
export class SessionRow {
  @PrimaryColumn({ type: 'text' }) session_id: string;

  /** SHA-256 of the cookie's value, in hex. */
  @Column({ type: 'text', unique: true }) hash: string;

  @Column({ type: 'text' }) role: Role;

  @Column({ type: 'text', collation: 'C' }) expires_at: Instant;
}
