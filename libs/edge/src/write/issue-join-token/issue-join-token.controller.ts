import { createHash } from 'node:crypto';
import { Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler, wroteNothing } from '@app/event-store';
import { Actor, Command, CommandId, Idempotent, PublicOptions, Roles, Takes, acceptedOr } from '@app/http';
import { type CommandKey, type Instant, type Refusal, asId, isRefusal, refuse } from '@app/kernel';
import type { JoinTokenId, JoinTokenIssued } from '../../events/index.js';
import { type JoinToken, joinToken } from '../../join-token.stream.js';
import { JoinTokens, newJoinToken } from '../../private/join-tokens.provider.js';
import { type Refused, refusals } from '../../refusals.js';
import { IssueJoinToken } from './issue-join-token.command.js';
import { issueJoinToken } from './issue-join-token.decide.js';
import { IssuedJoinToken } from './issue-join-token.view.js';

/** So long a token is good for joining. */
const GOOD_MS = 30 * 60_000;
/** Age up to which a token that nobody used is issued again under the same key. */
const REISSUE_MS = 600_000;

interface Recorded {
  readonly position: string;
  readonly expires_at: Instant;
}

@Controller('edge-agents')
export class IssueJoinTokenController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly tokens: JoinTokens,
    private readonly options: PublicOptions,
  ) {}

  /**
   * POST /api/v1/infrastructure/edge-agents/enroll {"label": "Berlin, rack 4", "hostname_pattern": "edge-*", "ephemeral": false,
   *   "gateway": "http://127.0.0.1:18789", "gateway_token_file": "~/.openclaw/token"}
   *
   * Answers 202, the token, until when it is good, and one line for the agent's host, which names the gateway and the file of its
   * token where these are given. This is the only time the token is shown. Sent
   * again with the same Idempotency-Key because no answer came, it answers a new token under the same id, and the one before lets
   * nobody in; 409 `edge.token-exists` when an agent joined with that, it was issued more than ten minutes ago, or another one is
   * asked for.
   *
   * The row is written before the fact: a token that works without anybody having been told of it is harmless, one that is told of
   * and does not work is not. Where no fact was written the row is removed. Where that is not certain it stays, for the same request
   * to be sent again.
   */
  @Post('enroll')
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Header('Cache-Control', 'no-store')
  @Takes(IssueJoinToken)
  @ApiOperation({ operationId: 'enrollEdgeAgent', summary: 'Let one edge agent join' })
  @ApiAcceptedResponse({ type: IssuedJoinToken })
  async issue(@Command() command: IssueJoinToken, @Actor() actor: string, @CommandId() key: CommandKey): Promise<IssuedJoinToken> {
    const { label = null, hostname_pattern = null, ephemeral = false } = command;
    const expires_at = new Date(Date.now() + GOOD_MS).toISOString() as Instant;
    const asked: JoinTokenIssued = { join_token_id: idOf(key.commandId), label, hostname_pattern, ephemeral, expires_at };
    const token = newJoinToken();
    const recorded = acceptedOr(refusals, await this.record(asked, token, actor, key));
    return { ...recorded, join_token_id: asked.join_token_id, join_token: token, command: this.lineFor(token, command) };
  }

  private async record(asked: JoinTokenIssued, token: string, actor: string, key: CommandKey): Promise<Recorded | Refusal<Refused>> {
    const { join_token_id } = asked;
    const exists = refuse('edge.token-exists', { join_token_id });
    const known = await this.state(join_token_id, key);
    if (known.status !== 'unknown' && !(isReissuable(known, asked) && (await this.tokens.replace(join_token_id, token)))) return exists;
    if (known.status === 'unknown') await this.tokens.keep(asked, token);
    const data = known.status === 'open' ? { ...asked, expires_at: known.expires_at } : asked;
    let mayHaveFact = known.status !== 'unknown';
    try {
      // The event store takes a command it has carried out for done; here that could give a used token a new secret.
      if (!mayHaveFact && (await this.state(join_token_id, key)).status !== 'unknown') return exists;
      const outcome = await this.commands.handle(issueJoinToken, { data, actor, ...key });
      mayHaveFact = !isRefusal(outcome);
      if (isRefusal(outcome)) return outcome;
      const isOvertaken = (await this.tokens.idOf(token)) === null; // By the same request, sent again.
      return isOvertaken ? exists : { position: outcome.position, expires_at: data.expires_at };
    } catch (error) {
      mayHaveFact ||= !wroteNothing(error);
      throw error;
    } finally {
      // Nobody has seen the token: a row that cannot be removed opens nothing, and must not hide what went wrong.
      if (!mayHaveFact) await this.tokens.forget(join_token_id, token).catch(() => undefined);
    }
  }

  private state(joinTokenId: JoinTokenId, repeats: CommandKey): Promise<JoinToken> {
    return this.commands.read(joinToken.of(joinTokenId), { repeats });
  }

  /** The token goes in by standard input: what stands in the arguments of a program, every user of its host can read. */
  private lineFor(token: string, { gateway, gateway_token_file: file }: IssueJoinToken): string {
    const options = [
      ['--server', this.options.publicUrl],
      ['--gateway', gateway],
      ['--gateway-token-file', file],
    ].flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${quoted(value)}`]));
    return `printf %s '${token}' | npm run -s edge-agent -- join ${options.join(' ')}`;
  }
}

/** One argument for a POSIX shell. A `~/` at its beginning stays the home of whoever runs the line. */
function quoted(text: string): string {
  if (/^[A-Za-z0-9.,:/_~=@-]+$/.test(text)) return text;
  const [home, rest] = text.startsWith('~/') ? ['~/', text.slice(2)] : ['', text];
  return `${home}'${rest.replaceAll("'", "'\\''")}'`;
}

/** One command, one token: asked again under the same Idempotency-Key, it is found instead of made twice. */
const idOf = (commandId: string): JoinTokenId => asId(`join-${createHash('sha256').update(commandId).digest('hex').slice(0, 16)}`);

/** Whether the same token is asked for again, of which the first answer may have been lost. */
const isReissuable = (known: Exclude<JoinToken, { status: 'unknown' }>, asked: JoinTokenIssued): boolean =>
  known.status === 'open' &&
  Date.now() - Date.parse(known.issued_at) < REISSUE_MS &&
  known.label === asked.label &&
  known.hostname_pattern === asked.hostname_pattern &&
  known.ephemeral === asked.ephemeral;
