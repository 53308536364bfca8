import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { methodClassOf } from '@app/a2a';
import { CommandHandler } from '@app/event-store';
import { MayAs } from '@app/http';
import { AgentCheckClient } from '../../agent-check-client.provider.js';
import { ROUTE_TABLE } from '../../events/route-table-id.js';
import { routeTable } from '../../route-table.stream.js';
import { type CallToRoute, type RouteDecision, type Routes, decideRoute } from '../../routing.js';
import { TestRoute } from './test-route.command.js';
import { RouteTested } from './test-route.view.js';

@Controller('routes')
export class TestRouteController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly agents: AgentCheckClient,
  ) {}

  /**
   * POST /api/v1/infrastructure/routes/test {"direction": "out", "peer_id": "peer-3f2a91bc04de77a1", "agent": "planner", "method": "SendMessage"}
   *
   * Answers 200 with what the rules, as they are in the log now, say of such a call. Whether the peer is there and active is not asked. To an
   * operator it also says what the card of the agent says now; nobody else makes this instance send a request.
   */
  @Post('test')
  @HttpCode(200)
  @ApiOperation({ operationId: 'testRoute', summary: 'Ask what would become of a call' })
  @ApiOkResponse({ type: RouteTested })
  async test(@Body() { method, ...asked }: TestRoute, @MayAs('operator') mayAsk: boolean): Promise<RouteTested> {
    const rules = await this.commands.read(routeTable.of(ROUTE_TABLE));
    const call = { ...asked, method_class: methodClassOf(method) };
    const decision = decideRoute(rules, call);
    const { action, rule_id, rule_version, target_url, credential } = decision;
    const { agent } = call;
    const isAsked = mayAsk && target_url !== null;
    const check = isAsked ? await this.agents.checkAgent({ agent, rule_id, target_url, credential }) : null;
    const sentence = sentenceOf(decision, call, rules);
    return { action, rule_id, rule_version, target_url, method_class: call.method_class, sentence, agent: check };
  }
}

function sentenceOf({ action, rule_id, target_url }: RouteDecision, call: CallToRoute, rules: Routes): string {
  const what = `A ${call.method_class} call ${call.direction === 'in' ? 'from' : 'to'} ${call.peer_id} for ${call.agent}`;
  if (rule_id === null) return `${what} is denied: none of the ${rules.length} rules matches it.${nearOf(call, rules)}`;
  const which = `${rule_id}, rule ${rules.findIndex((rule) => rule.rule_id === rule_id) + 1} of ${rules.length}`;
  const done = { allow: 'is allowed', deny: 'is denied', route: `goes to ${target_url}` }[action];
  return `${what} ${done} by ${which}.`;
}

/** Names the rule that would decide if it covered the class of the call: rules cover admin only when they say so. */
function nearOf(call: CallToRoute, rules: Routes): string {
  const { rule_id } = decideRoute(
    rules.map((rule) => ({ ...rule, classes: null })),
    call,
  );
  const near = rules.find((rule) => rule.rule_id === rule_id);
  return near === undefined
    ? ''
    : ` ${near.rule_id} would, if its classes, ${near.classes?.join(' and ')}, had ${call.method_class} among them.`;
}
