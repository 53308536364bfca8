import type { Rows } from '@app/read-store';
import { warningsOf } from '../../token-warnings.js';
import type { TokenDirectoryQuery, TokenEntry, TokenRow } from './token-directory.view.js';

const LIST_TOKENS = `
  SELECT token_id, name, role, issued_at, issued_by, expires_at, revoked_at, held_at, caller_id, bindings, next_token_id,
         ends_at
    FROM read.token_directory
   WHERE ($1::text IS NULL OR (issued_at, token_id) < ($1, $2))
   ORDER BY issued_at DESC, token_id DESC
   LIMIT $3`;

export interface TokenPage {
  readonly tokens: TokenEntry[];
  /** Absent on the last page. */
  readonly next_cursor?: string;
}

export async function listTokens(db: Rows, { limit, cursor }: TokenDirectoryQuery): Promise<TokenPage> {
  const [issuedAt, tokenId] = cursor?.split('~') ?? [];
  const { rows } = await db.query(LIST_TOKENS, [issuedAt ?? null, tokenId ?? null, limit + 1]); // One more tells whether there are more.
  const tokens = (rows as TokenRow[]).slice(0, limit).map((row) => ({ ...row, warnings: warningsOf(row) }));
  const last = tokens.at(-1);
  return rows.length > limit && last !== undefined ? { tokens, next_cursor: `${last.issued_at}~${last.token_id}` } : { tokens };
}
