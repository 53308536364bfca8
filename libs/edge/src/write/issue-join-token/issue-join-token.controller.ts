import { createHash } from 'node:crypto';
import { Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Actor, Command, CommandId, Idempotent, PublicOptions, Roles, Takes, acceptedOr } from '@app/http';
import { type Instant, type Refusal, asId, isRefusal, refuse } from '@app/kernel';
import type { JoinTokenId, JoinTokenIssued } from '../../events/index.js';
import { joinToken } from '../../join-token.stream.js';
import { JoinTokens, newJoinToken } from '../../private/join-tokens.provider.js';
import { refusals } from '../../refusals.js';
import { IssueJoinToken } from './issue-join-token.command.js';
import { issueJoinToken } from './issue-join-token.decide.js';
import { IssuedJoinToken } from './issue-join-token.view.js';

/** So long a token is good for joining. */
const GOOD_MS = 30 * 60_000;
/** Where OpenClaw listens unless it is told otherwise. */
const GATEWAY_URL = 'http://127.0.0.1:18789';

@Controller('edge-agents')
export class IssueJoinTokenController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly tokens: JoinTokens,
    private readonly options: PublicOptions,
  ) {}

  /**
   * POST /api/v1/infrastructure/edge-agents/enroll {"label": "Berlin, rack 4", "hostname_pattern": "edge-*", "ephemeral": false}
   *
   * Answers 202, the token, until when it is good, and one line for the agent's host. This is the only time the token is shown; sent
   * again with the same Idempotency-Key, 409 `edge.token-exists`.
   *
   * The row is written before the fact: a token that works without anybody having been told of it is harmless, one that is told of
   * and does not work is not. Whatever goes wrong, the token is not shown, and its row is removed.
   */
  @Post('enroll')
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Header('Cache-Control', 'no-store')
  @Takes(IssueJoinToken)
  @ApiOperation({ operationId: 'enrollEdgeAgent', summary: 'Let one edge agent join' })
  @ApiAcceptedResponse({ type: IssuedJoinToken })
  async issue(@Command() command: IssueJoinToken, @Actor() actor: string, @CommandId() commandId: string): Promise<IssuedJoinToken> {
    const { label = null, hostname_pattern = null, ephemeral = false } = command;
    const expires_at = new Date(Date.now() + GOOD_MS).toISOString() as Instant;
    const data: JoinTokenIssued = { join_token_id: idOf(commandId), label, hostname_pattern, ephemeral, expires_at };
    const token = newJoinToken();
    const { position } = acceptedOr(refusals, await this.record(data, token, actor, commandId));
    return { position, join_token_id: data.join_token_id, join_token: token, expires_at, command: this.lineFor(token) };
  }

  private async record(data: JoinTokenIssued, token: string, actor: string, commandId: string): Promise<{ position: string } | Refusal> {
    const { join_token_id } = data;
    if (!(await this.tokens.keep(data, token))) return refuse('edge.token-exists', { join_token_id });
    let kept = false;
    try {
      // The event store takes a command it has carried out for done; here that would give an issued token a new secret.
      const { status } = await this.commands.read(joinToken.of(join_token_id));
      if (status !== 'unknown') return refuse('edge.token-exists', { join_token_id });
      const outcome = await this.commands.handle(issueJoinToken, { data, actor, commandId });
      kept = !isRefusal(outcome);
      return outcome;
    } finally {
      // Nobody has seen the token: a row that cannot be removed opens nothing, and must not hide what went wrong.
      if (!kept) await this.tokens.forget(join_token_id).catch(() => undefined);
    }
  }

  /** The token goes in by standard input: what stands in the arguments of a program, every user of its host can read. */
  private lineFor(token: string): string {
    return `printf %s '${token}' | npm run -s edge-agent -- join --server ${this.options.publicUrl} --gateway ${GATEWAY_URL}`;
  }
}

/** One command, one token: asked again under the same Idempotency-Key, it is found instead of made twice. */
const idOf = (commandId: string): JoinTokenId => asId(`join-${createHash('sha256').update(commandId).digest('hex').slice(0, 16)}`);
