import { Injectable } from '@nestjs/common';
import { CommandHandler } from '@app/event-store';
import { PrivateTables } from '../../adapters/postgres.adapter.js';
import { OwedRevocationRow } from '../../private/owed-revocation.entity.js';
import { asId } from '@app/kernel';
import type { TokenId } from '../../events/index.js';
import { revokeToken } from './revoke-token.decide.js';

/** Writes the facts of revocations that the log did not take when they were asked: the rows went at once, and the facts follow. */
@Injectable()
export class OwedRevocations {
  readonly intervalMs = 5_000;

  constructor(
    private readonly tables: PrivateTables,
    private readonly commands: CommandHandler,
  ) {}

  async owe(row: OwedRevocationRow): Promise<void> {
    await this.tables.ask((db) => db.createQueryBuilder().insert().into(OwedRevocationRow).values(row).orIgnore().execute());
  }

  /** A token that no fact names is none: a refusal settles it as well. */
  async run(): Promise<void> {
    for (const { token_id, actor, command_id } of await this.tables.ask((db) => db.find(OwedRevocationRow))) {
      await this.commands.handle(revokeToken, { data: { token_id: asId<TokenId>(token_id) }, actor, commandId: command_id });
      await this.tables.ask((db) => db.delete(OwedRevocationRow, { token_id }));
    }
  }
}
