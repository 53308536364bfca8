import { Controller, HttpCode, Patch } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr, problemOf } from '@app/http';
import { type CommandKey, refuse } from '@app/kernel';
import type { AgentCheck } from '../../agent-check.view.js';
import { AgentCheckClient } from '../../agent-check-client.provider.js';
import { classesOf } from '../../events/method-classes.js';
import { ROUTE_TABLE } from '../../events/route-table-id.js';
import { refusals } from '../../refusals.js';
import { RouteParts } from '../../route-parts.provider.js';
import { routeTable } from '../../route-table.stream.js';
import type { RouteRule } from '../../routing.js';
import { EditRoute } from './edit-route.command.js';
import { type RouteToEdit, editRoute } from './edit-route.decide.js';
import { RouteEditAccepted } from './edit-route.view.js';

@Controller('routes')
export class EditRouteController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly parts: RouteParts,
    private readonly agents: AgentCheckClient,
  ) {}

  /**
   * PATCH /api/v1/infrastructure/routes/rule-5c10e2b7a9d243f0 {"classes": ["read", "send"]}
   *
   * Answers 202 with the position to read after and what the agent's card said just after; 404 `federation.rule-unknown`, 422
   * `federation.target-unused`, `federation.target-denied`, `federation.credential-unused`, `federation.credential-scheme`,
   * `federation.credential-origin`, `federation.limits-unused`. Safe to repeat, apart from a credential, which gets another version.
   */
  @Patch(':rule_id')
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Takes(EditRoute, 'rule_id')
  @ApiOperation({ operationId: 'editRoute', summary: 'Change a routing rule' })
  @ApiAcceptedResponse({ type: RouteEditAccepted })
  async edit(@Command() command: EditRoute, @Actor() actor: string, @CommandId() key: CommandKey): Promise<RouteEditAccepted> {
    const { rule_id, classes, limits, note } = command;
    const before = await this.ruleOf(rule_id);
    if (before === undefined) throw problemOf(refusals, refuse('federation.rule-unknown', { rule_id }));
    const target_url = command.target_url === undefined ? undefined : this.parts.reachable(command.target_url);
    const credential = await this.kept(before, target_url ?? before.target_url, command);
    const data = { rule_id, classes: classes && classesOf(classes), target_url, credential, limits: limits && { ...limits }, note };
    const outcome = await this.parts.decided(credential ?? null, () => this.commands.handle(editRoute, { data, actor, ...key }));
    const { position } = acceptedOr(refusals, outcome);
    const after = await this.ruleOf(rule_id);
    if (after !== undefined) await this.forgetReplaced(before, after, credential);
    return { position, agent: await this.checked(after ?? before) };
  }

  private async ruleOf(ruleId: string): Promise<RouteRule | undefined> {
    return (await this.commands.read(routeTable.of(ROUTE_TABLE))).find(({ rule_id }) => rule_id === ruleId);
  }

  private async kept(
    { rule_id, action, credential: before }: RouteRule,
    targetUrl: string | null,
    { credential }: EditRoute,
  ): Promise<RouteToEdit['credential']> {
    if (credential === undefined || credential === null) return credential;
    if (action !== 'route' || targetUrl === null) throw problemOf(refusals, refuse('federation.credential-unused', { action }));
    const given = { header: before?.header ?? 'Authorization', ...credential };
    return { ...(await this.parts.keep(rule_id, targetUrl, given)), target_url: targetUrl };
  }

  /** The row of the credential before goes when the log shows the one that was asked for. A replica that lacks it yet leaves it to the job. */
  private async forgetReplaced({ credential: before }: RouteRule, after: RouteRule, asked: RouteToEdit['credential']): Promise<void> {
    if (before === null || asked === undefined) return;
    const isDone = (after.credential?.credential_id ?? null) === (asked?.credential_id ?? null);
    if (isDone) await this.parts.forget(before.credential_id);
  }

  private checked({ rule_id, agent, target_url, credential }: RouteRule): Promise<AgentCheck> | null {
    return target_url === null ? null : this.agents.checkAgent({ rule_id, agent: agent ?? 'any agent', target_url, credential });
  }
}
