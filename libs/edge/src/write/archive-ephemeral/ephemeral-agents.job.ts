import { Injectable } from '@nestjs/common';
import { CommandHandler, AggregateUnreadable } from '@app/event-store';
import { type Instant, UnknownEvent } from '@app/kernel';
import { ReadModels } from '@app/read-store';
import type { AgentId } from '../../events/index.js';
import { AWAY, AWAY_MS, archiveEphemeral } from './archive-ephemeral.decide.js';

// Maximum agents of one run; those that are left are due at the next.
const DUE = `
  SELECT agent_id
    FROM read.agent_directory
   WHERE ephemeral AND archived_at IS NULL AND held_at IS NULL AND session_id IS NULL
     AND (status = 'stale' OR (status = ANY ($2) AND since <= $1))
   ORDER BY since
   LIMIT 200`;

const DIRECTORY = { table: 'agent_directory', kind: 'projection' } as const;

/** Archives ephemeral agents that are away for a day. Rows say whom to ask, the agent's own history decides. */
@Injectable()
export class EphemeralAgentsJob {
  readonly intervalMs = 60_000;

  constructor(
    private readonly commands: CommandHandler,
    private readonly reads: ReadModels,
  ) {}

  /** Two at once do no harm: what is archived is not archived again. */
  async run(now: Instant): Promise<void> {
    const before = new Date(Date.parse(now) - AWAY_MS).toISOString();
    const due = await this.reads.answer(DIRECTORY, {}, async (db) => (await db.query(DUE, [before, [...AWAY, 'revoked']])).rows);
    for (const { agent_id } of due.data as { agent_id: AgentId }[]) await this.archive(agent_id);
  }

  private async archive(agent_id: AgentId): Promise<void> {
    try {
      await this.commands.handle(archiveEphemeral, { data: { agent_id }, actor: 'system:edge' });
    } catch (error) {
      // An agent whose facts cannot all be read stays listed; the others are due all the same.
      if (!(error instanceof UnknownEvent || error instanceof AggregateUnreadable)) throw error;
    }
  }
}
