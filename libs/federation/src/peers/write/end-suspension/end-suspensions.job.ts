import { Injectable } from '@nestjs/common';
import { CommandHandler, AggregateUnreadable } from '@app/event-store';
import { type Instant, UnknownEvent } from '@app/kernel';
import { ReadModels } from '@app/read-store';
import type { PeerId } from '../../events/index.js';
import { endSuspension } from './end-suspension.decide.js';

// At most so many in one run: those that are left are due at the next.
const DUE = `
  SELECT peer_id
    FROM read.peer_directory
   WHERE suspended_until <= $1
   ORDER BY suspended_until
   LIMIT 200`;

const DIRECTORY = { table: 'peer_directory', kind: 'projection' } as const;

/** Ends the suspensions whose end has come. Rows say whom to ask, the peer's own history decides. */
@Injectable()
export class EndSuspensionsJob {
  readonly intervalMs = 5_000;

  constructor(
    private readonly commands: CommandHandler,
    private readonly reads: ReadModels,
  ) {}

  /** Two at once do no harm: of two resumptions of one suspension the log takes one. */
  async run(now: Instant): Promise<void> {
    const { data: due } = await this.reads.answer(DIRECTORY, {}, async (db) => (await db.query(DUE, [now])).rows);
    for (const { peer_id } of due as { peer_id: PeerId }[]) await this.end(peer_id);
  }

  private async end(peer_id: PeerId): Promise<void> {
    try {
      await this.commands.handle(endSuspension, { data: { peer_id }, actor: 'system:federation' });
    } catch (error) {
      // A peer whose facts cannot all be read stays suspended; the others are due all the same.
      if (!(error instanceof UnknownEvent || error instanceof AggregateUnreadable)) throw error;
    }
  }
}
