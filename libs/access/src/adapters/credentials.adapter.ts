import { Injectable } from '@nestjs/common';
import { LessThanOrEqual } from 'typeorm';
import type { Role } from '@app/http';
import type { Instant } from '@app/kernel';
import { LoginCodeRow } from '../private/login-code.entity.js';
import { ServiceTokenRow } from '../private/service-token.entity.js';
import { SessionRow } from '../private/session.entity.js';
import { PrivateTables } from './postgres.adapter.js';

/** What a secret stands for. */
export interface SignIn {
  /** As events name it: `token:<token_id>` or `session:<session_id>`. */
  readonly actor: string;
  readonly role: Role;
  /** null: never. */
  readonly expires_at: Instant | null;
}

const LOOKUP_MS = 2_000;

/** Tokens, sessions and login codes by their hashes. Everything here throws `AccessUnavailable` while PostgreSQL does not answer. */
@Injectable()
export class Credentials {
  constructor(private readonly tables: PrivateTables) {}

  /** Expired ones included. null: there is none. */
  find(kind: 'token' | 'session', hash: string): Promise<SignIn | null> {
    return this.tables.ask(async (db) => {
      if (kind === 'token') {
        const row = await db.findOneBy(ServiceTokenRow, { hash });
        return row && { actor: `token:${row.token_id}`, role: row.role, expires_at: row.expires_at };
      }
      const row = await db.findOneBy(SessionRow, { hash });
      return row && { actor: `session:${row.session_id}`, role: row.role, expires_at: row.expires_at };
    }, LOOKUP_MS);
  }

  /** Whether it was added; false: there is one of that id. */
  addToken(row: ServiceTokenRow): Promise<boolean> {
    return this.tables.ask(async (db) => {
      const added = await db.createQueryBuilder().insert().into(ServiceTokenRow).values(row).orIgnore().returning(['token_id']).execute();
      return (added.raw as unknown[]).length > 0;
    });
  }

  async removeToken(tokenId: string): Promise<void> {
    await this.tables.ask((db) => db.delete(ServiceTokenRow, { token_id: tokenId }));
  }

  /**
   * Takes the code and adds the session, or neither; answers the role the code was made with. null: the code is unknown, used or
   * expired. Of two who bring the same code at once, one gets it: the other waits for the row and finds it used.
   */
  redeem(codeHash: string, session: Omit<SessionRow, 'role'>, now: Instant): Promise<Role | null> {
    return this.tables.ask((db) =>
      db.transaction(async (tx) => {
        const taken = await tx
          .createQueryBuilder()
          .update(LoginCodeRow)
          .set({ used_at: now })
          .where('hash = :codeHash AND used_at IS NULL AND expires_at > :now', { codeHash, now })
          .returning(['role'])
          .execute();
        const [code] = taken.raw as { role: Role }[];
        if (code === undefined) return null;
        await tx.delete(SessionRow, { expires_at: LessThanOrEqual(now) });
        await tx.insert(SessionRow, { ...session, role: code.role });
        return code.role;
      }),
    );
  }

  /** As if the code had not been taken. */
  async giveBack(codeHash: string, sessionId: string): Promise<void> {
    await this.tables.ask((db) =>
      db.transaction(async (tx) => {
        await tx.delete(SessionRow, { session_id: sessionId });
        await tx.update(LoginCodeRow, { hash: codeHash }, { used_at: null });
      }),
    );
  }

  async removeSession(sessionId: string): Promise<void> {
    await this.tables.ask((db) => db.delete(SessionRow, { session_id: sessionId }));
  }
}
