import { createHash } from 'node:crypto';
import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Actor, Command, CommandId, Idempotent, OutboundGuard, Roles, Takes, acceptedOr, problemOf } from '@app/http';
import { refuse } from '@app/kernel';
import type { PeerId } from '../../events/index.js';
import { targetUrlOf } from '../../events/target-url.js';
import { peer } from '../../peer.stream.js';
import { refusals } from '../../refusals.js';
import { AddRoute } from './add-route.command.js';
import { addRoute } from './add-route.decide.js';
import { RouteAccepted } from './add-route.view.js';

@Controller('routes')
export class AddRouteController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly guard: OutboundGuard,
  ) {}

  /**
   * POST /api/v1/infrastructure/routes {"direction": "in", "agent": "planner", "action": "route", "target_url": "https://agents.example/planner/"}
   *
   * Answers 202 with the position to read after and the rule's id; 404 `federation.peer-unknown`, 409 `federation.routes-full`, 422
   * `federation.rule-mismatch`, `federation.target-missing`, `federation.target-unused`, `federation.target-denied`,
   * `federation.before-unknown`. Sent again with its Idempotency-Key it finds the same rule.
   */
  @Post()
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Takes(AddRoute)
  @ApiOperation({ operationId: 'addRoute', summary: 'Add a routing rule' })
  @ApiAcceptedResponse({ type: RouteAccepted })
  async add(@Command() command: AddRoute, @Actor() actor: string, @CommandId() commandId: string): Promise<RouteAccepted> {
    const { direction, peer_id = null, agent = null, method_class = null, action, note = '', before = null } = command;
    const target_url = typeof command.target_url === 'string' ? this.reachable(command.target_url) : null;
    if (peer_id !== null) await this.assertRegistered(peer_id);
    const rule_id = ruleIdOf(commandId);
    const data = { rule_id, before, direction, peer_id, agent, method_class, action, target_url, note };
    const { position } = acceptedOr(refusals, await this.commands.handle(addRoute, { data, actor, commandId }));
    return { position, rule_id };
  }

  /** A rule about a peer that is misspelt would match nothing, and nobody would see why. */
  private async assertRegistered(peerId: PeerId): Promise<void> {
    const { status } = await this.commands.read(peer.of(peerId));
    if (status === 'unknown' || status === 'removed') throw problemOf(refusals, refuse('federation.peer-unknown', { peer_id: peerId }));
  }

  private reachable(text: string): string {
    const checked = this.guard.check(text);
    const { denied, because } = checked instanceof URL ? { denied: 'query', because: 'it carries a query (?)' } : checked;
    if (checked instanceof URL && !checked.href.includes('?')) return targetUrlOf(checked);
    throw problemOf(refusals, refuse('federation.target-denied', { denied, because }));
  }
}

/** One command, one rule: asked again under the same Idempotency-Key, it is found instead of made twice. */
const ruleIdOf = (commandId: string): string => `rule-${createHash('sha256').update(commandId).digest('hex').slice(0, 16)}`;
