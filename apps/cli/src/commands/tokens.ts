import type { Api } from '../api.js';
import type { Accepted, Role, TokenEntry, TokenIssued } from '../contract.js';
import type { Context } from '../context.js';
import { failure } from '../failure.js';
import { type Days, MAX_ROWS, daysOf } from '../grammar.js';
import { type Canvas, type Cell, details, table } from '../view/table.js';
import { instant } from '../view/words.js';
import type { Binds } from './bind.js';
import { bindText, bindingsOf } from './bindings.js';
import { readBack } from './read-back.js';

interface CreateOptions {
  role: Role;
  expiresInDays: Days;
  bind?: Binds;
}

interface RotateOptions {
  /** ms; absent: the old token ends at once. */
  overlap?: number;
}

/** `ap auth token create` */
export async function createToken(context: Context, { role, expiresInDays, bind }: CreateOptions, name: string): Promise<void> {
  if ((role === 'caller') !== (bind !== undefined))
    throw failure(
      'cli.usage',
      role === 'caller' ? 'A token of the role caller needs --bind: which calls it may make' : '--bind is of the role caller only',
      "give --role caller --bind <peer>/<agent>, or --bind '*' for any call",
    );
  const api = await context.api();
  await showNew(
    context,
    api,
    await api.command<TokenIssued>('POST', '/tokens', {
      ...{ name, role, expires_in_days: daysOf(expiresInDays) },
      ...(bind === undefined ? {} : { bindings: await bindingsOf(api, bind) }),
    }),
  );
}

/** `ap auth token rotate` */
export async function rotateToken(context: Context, { overlap }: RotateOptions, tokenId: string): Promise<void> {
  const api = await context.api();
  const overlap_minutes = Math.ceil((overlap ?? 0) / 60_000);
  await showNew(context, api, await api.command<TokenIssued>('POST', `/tokens/${encodeURIComponent(tokenId)}/rotate`, { overlap_minutes }));
}

async function showNew(context: Context, api: Api, { position, token_id, token }: TokenIssued): Promise<void> {
  // Shown before anything else can go wrong: nobody can ask for it a second time.
  context.output.lines((canvas) => details([['token', token]], canvas));
  context.output.hint('This token is shown once and cannot be read again. Programs send it as: Authorization: Bearer <token>');
  await show(context, api, position, token_id, { token });
}

/** `ap auth token list` */
export async function listTokens(context: Context, { limit }: { limit: number }): Promise<void> {
  const api = await context.api();
  const tokens = await api.list<TokenEntry>('/tokens', {}, limit);
  const { data, as_of, next_cursor } = tokens;
  context.output.data('ap.auth.tokens.list/v1', tokens, (canvas) => (data.length === 0 ? [] : tokenTable(data, as_of, canvas)));
  for (const { token_id, warnings } of data) for (const warning of warnings) context.output.hint(`${token_id}: ${warning}`);
  if (data.length === 0) context.output.hint('No token was ever made. Make one: ap auth token create --help');
  if (next_cursor !== undefined) context.output.hint(`(only the first ${limit}, use --limit for more)`);
}

/** `ap auth token revoke` */
export async function revokeToken(context: Context, _options: object, tokenId: string): Promise<void> {
  const api = await context.api();
  const { position } = await api.command<Accepted>('POST', `/tokens/${encodeURIComponent(tokenId)}/revoke`, {});
  await show(context, api, position, tokenId);
}

/** Shows the token's entry as the command left it. Whoever ended the token they speak with cannot read it back, and is told. */
async function show(context: Context, api: Api, position: string, tokenId: string, extra: object = {}): Promise<void> {
  const answer = await readBack(context, position, () => api.list<TokenEntry>('/tokens', { after: position }, MAX_ROWS));
  const entry = answer.data?.find(({ token_id }) => token_id === tokenId) ?? null;
  context.output.data(
    'ap.auth.command/v1',
    { ...answer, next_cursor: undefined, data: { token_id: tokenId, entry, ...extra } },
    (canvas) => (entry === null ? details([['accepted', tokenId]], canvas) : tokenTable([entry], answer.as_of, canvas)),
  );
}

function stateOf({ revoked_at, held_at, expires_at, ends_at }: TokenEntry, now: string | null): Cell {
  const isOver = (end: string | null): boolean => end !== null && Date.parse(end) <= Date.parse(now ?? '');
  if (revoked_at !== null) return { text: '○ revoked', colour: 'grey' };
  if (isOver(ends_at)) return { text: '○ rotated', colour: 'grey' };
  if (held_at !== null) return { text: '○ held', colour: 'yellow' };
  if (isOver(expires_at)) return { text: '○ expired', colour: 'grey' };
  return ends_at === null ? { text: '● valid', colour: 'green' } : { text: `● until ${instant(ends_at)}`, colour: 'yellow' };
}

/** Only callers are bound to calls by themselves. */
function callsOf({ role, bindings }: TokenEntry): string {
  if (role !== 'caller') return '';
  return bindings.length === 0 ? 'none' : bindings.map(bindText).join(', ');
}

function tokenTable(tokens: readonly TokenEntry[], now: string | null, canvas: Canvas): string[] {
  const hasCallers = tokens.some(({ role }) => role === 'caller');
  return table(
    [
      { head: 'NAME', least: 12 },
      { head: 'ROLE' },
      { head: 'STATE' },
      { head: 'EXPIRES' },
      { head: 'ISSUED' },
      { head: 'ISSUED BY', least: 12 },
      ...(hasCallers ? [{ head: 'CALLS' }] : []),
      { head: 'TOKEN ID' },
    ],
    tokens.map((token) => [
      token.name,
      token.role,
      stateOf(token, now),
      instant(token.expires_at) || 'never',
      instant(token.issued_at),
      token.issued_by,
      ...(hasCallers ? [callsOf(token)] : []),
      token.token_id,
    ]),
    canvas,
  );
}
