import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Instant } from '@app/kernel';

/** Written to see whether PostgreSQL can write: one row for each process that probes it, overwritten each time. */
@Entity({ schema: 'private', name: 'service_probe' })
export class ServiceProbe {
  @PrimaryColumn({ type: 'text' })
  prober: string;

  @Column({ type: 'text' })
  written_at: Instant;
}
