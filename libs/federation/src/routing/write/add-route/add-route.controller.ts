import { createHash } from 'node:crypto';
import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr, problemOf } from '@app/http';
import { type CommandKey, refuse } from '@app/kernel';
import type { AgentCheck } from '../../agent-check.view.js';
import { AgentCheckClient } from '../../agent-check-client.provider.js';
import type { PeerId } from '../../../peers/events/index.js';
import type { MethodClass } from '../../events/index.js';
import { METHOD_CLASSES } from '../../events/method-class.js';
import { classesOf } from '../../events/method-classes.js';
import { DEFAULT_LIMITS } from '../../events/route-limits.js';
import { peer, refusals as ofPeers } from '../../../peers/ports.js';
import { refusals } from '../../refusals.js';
import { RouteParts } from '../../route-parts.provider.js';
import { AddRoute } from './add-route.command.js';
import { type RouteToAdd, addRoute } from './add-route.decide.js';
import { RouteAccepted } from './add-route.view.js';

@Controller('routes')
export class AddRouteController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly parts: RouteParts,
    private readonly agents: AgentCheckClient,
  ) {}

  /**
   * POST /api/v1/infrastructure/routes {"direction": "in", "agent": "planner", "action": "route", "target_url": "https://agents.example/planner/"}
   *
   * Answers 202 with the position to read after, the rule's id and what the agent's card said just after; 404 `federation.peer-unknown`,
   * 409 `federation.routes-full`, 422 `federation.rule-mismatch`, `federation.target-missing`, `federation.target-unused`,
   * `federation.target-denied`, `federation.classes-twice`, `federation.credential-unused`, `federation.credential-scheme`,
   * `federation.limits-unused`, `federation.before-unknown`. Sent again with its Idempotency-Key it finds the same rule.
   */
  @Post()
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Takes(AddRoute)
  @ApiOperation({ operationId: 'addRoute', summary: 'Add a routing rule' })
  @ApiAcceptedResponse({ type: RouteAccepted })
  async add(@Command() command: AddRoute, @Actor() actor: string, @CommandId() key: CommandKey): Promise<RouteAccepted> {
    const { direction, peer_id = null, agent = null, action, note = '', before = null } = command;
    const classes = classesAsked(command);
    const target_url = typeof command.target_url === 'string' ? this.parts.reachable(command.target_url) : null;
    if (peer_id !== null) await this.assertRegistered(peer_id);
    const rule_id = ruleIdOf(key.commandId);
    const kept = await this.kept(rule_id, target_url, command);
    const credential = kept === null ? null : { ...kept, version: 1 };
    const about = { rule_id, before, direction, peer_id, agent, classes, action };
    const data = { ...about, target_url, credential, limits: limitsAsked(command), note };
    const outcome = await this.parts.decided(kept, () => this.commands.handle(addRoute, { data, actor, ...key }));
    const { position } = acceptedOr(refusals, outcome);
    return { position, rule_id, agent: await this.checked(data) };
  }

  private kept(ruleId: string, targetUrl: string | null, { credential, action }: AddRoute) {
    if (credential === undefined || credential === null) return null;
    if (targetUrl === null || action !== 'route') throw problemOf(refusals, refuse('federation.credential-unused', { action }));
    return this.parts.keep(ruleId, targetUrl, credential);
  }

  private checked({ rule_id, agent, target_url, credential }: RouteToAdd): Promise<AgentCheck> | null {
    return target_url === null ? null : this.agents.checkAgent({ rule_id, agent: agent ?? ANY_AGENT, target_url, credential });
  }

  /** A rule about a peer that is misspelt would match nothing, and nobody would see why. */
  private async assertRegistered(peerId: PeerId): Promise<void> {
    const { status } = await this.commands.read(peer.of(peerId));
    if (status === 'unknown' || status === 'removed') throw problemOf(ofPeers, refuse('federation.peer-unknown', { peer_id: peerId }));
  }
}

const ANY_AGENT = 'any agent';

/** A rule that opens something covers admin only when it says so; one that denies covers all unless it says less. */
function classesAsked({ classes, method_class, action }: AddRoute): MethodClass[] {
  const one = method_class ?? undefined;
  if (classes !== undefined && one !== undefined) throw problemOf(refusals, refuse('federation.classes-twice'));
  const named = classes ?? (one === undefined ? undefined : [one]);
  return named === undefined ? (action === 'deny' ? [...METHOD_CLASSES] : ['read', 'send']) : classesOf(named);
}

const limitsAsked = ({ limits, action }: AddRoute): RouteToAdd['limits'] =>
  (limits ?? undefined) === undefined && action === 'deny' ? null : { ...DEFAULT_LIMITS, ...limits };

/** One command, one rule: asked again under the same Idempotency-Key, it is found instead of made twice. */
const ruleIdOf = (commandId: string): string => `rule-${createHash('sha256').update(commandId).digest('hex').slice(0, 16)}`;
