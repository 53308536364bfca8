import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull, LessThanOrEqual, MoreThan } from 'typeorm';
import type { Role, TokenRole } from '@app/http';
import type { Instant } from '@app/kernel';
import { type CallBinding, bindingsOfRole } from '../events/call-binding.js';
import { LoginCodeRow } from '../private/login-code.entity.js';
import { ServiceTokenRow } from '../private/service-token.entity.js';
import { SessionRow } from '../private/session.entity.js';
import { PrivateTables } from '../adapters/postgres.adapter.js';

/** What a secret stands for. */
export interface SignIn {
  /** As events name it: `token:<token_id>` or `session:<session_id>`. */
  readonly actor: string;
  readonly role: TokenRole;
  /** null: never. */
  readonly expires_at: Instant | null;
  /** Who makes the A2A calls of a token; null: a session makes none. */
  readonly caller_id: string | null;
  /** The A2A calls that it may make. */
  readonly bindings: readonly CallBinding[];
}

type TokenToKeep = Omit<ServiceTokenRow, 'used_at'>;

const LOOKUP_MS = 2_000;

/** Tokens, sessions and login codes by their hashes. Everything here throws `AccessUnavailable` while PostgreSQL does not answer. */
@Injectable()
export class Credentials {
  constructor(private readonly tables: PrivateTables) {}

  /** Expired ones included. null: there is none. */
  find(kind: 'token' | 'session', hash: string): Promise<SignIn | null> {
    return this.tables.ask(async (db) => {
      if (kind === 'token') {
        const row = await tokenInUse(db, hash);
        return row && ofToken(row);
      }
      const row = await db.findOneBy(SessionRow, { hash });
      return row && ofSession(row);
    }, LOOKUP_MS);
  }

  /** Hashes of what has not run out: of all, or of one actor. */
  inForce(actor?: string): Promise<{ readonly hash: string; readonly signIn: SignIn }[]> {
    const [kind, id] = actor?.split(':') ?? [];
    const now = new Date().toISOString() as Instant;
    return this.tables.ask(async (db) => {
      const tokens = kind === 'session' ? [] : await db.findBy(ServiceTokenRow, id === undefined ? {} : { token_id: id });
      const sessions = kind === 'token' ? [] : await db.findBy(SessionRow, { expires_at: MoreThan(now), ...(id && { session_id: id }) });
      return [
        ...tokens.map((row) => ({ hash: row.hash, signIn: ofToken(row) })),
        ...sessions.map((row) => ({ hash: row.hash, signIn: ofSession(row) })),
      ];
    }, LOOKUP_MS);
  }

  /** Keeps a token of which there is no fact yet, in place of one that a broken request left; false: there is one in use. */
  keepToken({ token_id, hash, name, role, expires_at, caller_id, bindings }: TokenToKeep): Promise<boolean> {
    const kept = `INSERT INTO private.service_token (token_id, hash, name, role, expires_at, caller_id, bindings) VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT (token_id) DO UPDATE SET hash = $2, name = $3, role = $4, expires_at = $5, caller_id = $6, bindings = $7
      WHERE service_token.used_at IS NULL
      RETURNING token_id`;
    return this.tables.ask(async (db) => {
      const rows = await db.query<unknown[]>(kept, [token_id, hash, name, role, expires_at, caller_id, JSON.stringify(bindings)]);
      return rows.length === 1;
    });
  }

  /** Gives a token that was never used another secret; whether there was such a one. */
  replaceToken({ token_id, name, role, hash, bindings }: TokenToKeep): Promise<boolean> {
    return this.tables.ask(async (db) => {
      const { affected } = await db
        .createQueryBuilder()
        .update(ServiceTokenRow)
        .set({ hash })
        .where({ token_id, name, role, used_at: IsNull() })
        .andWhere('COALESCE(bindings, :bindings::jsonb) = :bindings::jsonb', { bindings: JSON.stringify(bindings) })
        .execute();
      return affected === 1;
    });
  }

  /** The token ends at this moment, if it would not have ended before. */
  async endToken(token_id: string, ends_at: Instant): Promise<void> {
    const ended = `UPDATE private.service_token SET expires_at = $2 WHERE token_id = $1 AND (expires_at IS NULL OR expires_at > $2)`;
    await this.tables.ask((db) => db.query(ended, [token_id, ends_at]));
  }

  /** Whether a token still has this secret, and was not given another meanwhile. */
  hasToken(row: Pick<ServiceTokenRow, 'token_id' | 'hash'>): Promise<boolean> {
    return this.tables.ask((db) => db.existsBy(ServiceTokenRow, row));
  }

  /** Without `hash`, whichever secret it has. */
  async removeToken(row: { token_id: string; hash?: string }): Promise<void> {
    await this.tables.ask((db) => db.delete(ServiceTokenRow, row));
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

const ofToken = ({ token_id, role, expires_at, caller_id, bindings }: ServiceTokenRow): SignIn => ({
  ...{ actor: `token:${token_id}`, role, expires_at },
  ...{ caller_id: caller_id ?? token_id, bindings: bindings ?? bindingsOfRole(role) },
});
const ofSession = ({ session_id, role, expires_at }: SessionRow): SignIn => ({
  ...{ actor: `session:${session_id}`, role, expires_at },
  ...{ caller_id: null, bindings: [] },
});

/** The row of a token, marked as used before anything is opened by it: from then on its secret is not replaced. */
async function tokenInUse(db: EntityManager, hash: string): Promise<ServiceTokenRow | null> {
  const row = await db.findOneBy(ServiceTokenRow, { hash });
  if (row === null || row.used_at !== null) return row;
  await db.update(ServiceTokenRow, { hash, used_at: IsNull() }, { used_at: new Date().toISOString() as Instant });
  return db.findOneBy(ServiceTokenRow, { hash }); // null: it was replaced in between.
}
