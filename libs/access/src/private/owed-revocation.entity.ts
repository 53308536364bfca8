import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A token whose row is gone, and whose revocation the log has not taken yet. */
@Entity({ schema: 'private', name: 'owed_revocation' })
export class OwedRevocationRow {
  @PrimaryColumn({ type: 'text' }) token_id: string;

  @Column({ type: 'text' }) actor: string;

  /** That of the request, so that the fact is the same when it is sent again. */
  @Column({ type: 'text' }) command_id: string;
}
