import { ApiProperty } from '@nestjs/swagger';
import { type Instant, IsId, IsInstant, IsNullable, IsText } from '@app/kernel';
import type { PeerId } from '../../events/index.js';

/** An operator stops traffic with one peer, for a while or until further notice. */
export class SuspendPeer {
  @ApiProperty({ type: String }) @IsId() readonly peer_id: PeerId;

  /** May be empty. */
  @ApiProperty({
    maxLength: 500,
    description: "Why, in the operator's own words. Tabs and line breaks are taken, other control characters are not",
  })
  @IsText(500, { lines: true })
  readonly note: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it lifts by itself; null: not before someone resumes',
  })
  @IsNullable()
  @IsInstant()
  readonly until: Instant | null;
}
