import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PublicOptions } from '@app/http';
import { AgentCredentials, isSameOrigin, type RouteDecision } from '../../routing/ports.js';
import { TargetGuard } from '../../outbound.provider.js';
import type { CardSource, NoCard } from './cards.provider.js';
import { failureOf } from './faults.js';
import { CARD_PATH, peerBase } from './paths.js';
import { AgentSockets } from './sockets.provider.js';

export type Led = Pick<RouteDecision, 'target_url' | 'credential' | 'rule_id'>;

/** Tells where the cards of our own agents are read, and with what. */
@Injectable()
export class AgentSources {
  constructor(
    private readonly sockets: AgentSockets,
    private readonly credentials: AgentCredentials,
    private readonly guard: TargetGuard,
    private readonly options: PublicOptions,
  ) {}

  /**
   * The agent's own card. Its interfaces have to be of the origin where the rule leads: whoever writes the card of an agent does not thereby
   * choose what else of our network peers reach, nor where the credential goes. Loopback is dialled as the rule spells it.
   */
  async of(agent: string, led: Led): Promise<CardSource | NoCard> {
    const facts = factsOf(agent);
    const target = led.target_url ?? '';
    const url = this.guard.check(target + CARD_PATH);
    if (!(url instanceof URL)) return { reason: 'address_denied', fault: failureOf('address_denied', facts) };
    const credential = await this.credentials.headerFor(led);
    if (credential === null) return { reason: 'credential_unavailable', fault: failureOf('credential_unavailable', facts) };
    const allow: CardSource['allow'] = (at) => (isSameOrigin(at.href, url.href) ? this.guard.check(spelledAs(url, at)) : ELSEWHERE);
    return {
      owner: `${target} ${led.credential?.credential_id ?? ''}`,
      ...{ url, sockets: this.sockets, headers: () => credential, base: this.options.publicUrl + peerBase(agent) },
      ...{ allow, refusalOf: agentRefusal, facts },
    };
  }
}

const ELSEWHERE = { because: 'it is not where the routing rule leads' } as const;

function spelledAs({ host }: URL, at: URL): string {
  const dialled = new URL(at);
  dialled.host = host;
  return dialled.href;
}

export const factsOf = (agent: string): Record<string, string> => ({
  agent,
  far: `The agent ${agent}`,
  whose: 'the instance that was called',
});

/**
 * An agent that asks for a credential asks us. The caller never hears its 401: it would think that its own token is wrong. A 403 is about the
 * credential where it comes with a challenge, and else it is the agent's answer.
 */
export const agentRefusal = ({ statusCode, headers }: Pick<IncomingMessage, 'statusCode' | 'headers'>): 'agent_refused' | null =>
  statusCode === 401 || (statusCode === 403 && headers['www-authenticate'] !== undefined) ? 'agent_refused' : null;
