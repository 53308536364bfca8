import { Injectable } from '@nestjs/common';
import { RequestReply, Unanswered } from '@app/event-store';
import type { AgentCheck } from './agent-check.view.js';
import { type AgentToCheck, CHECK_AGENT } from './agent-check.rpc.js';

/** Longer than the process `federation` waits for a card, and short enough for a command that waits for the answer. */
const CHECK_MS = 6_000;

/** Asks the process `federation` to read the card of an agent. */
@Injectable()
export class AgentCheckClient {
  constructor(private readonly rpc: RequestReply) {}

  /** What the card of an agent says now. Never throws for want of an answer: a rule stands, whether its agent is there or not. */
  async checkAgent({ agent, rule_id, target_url, credential }: AgentToCheck): Promise<AgentCheck> {
    try {
      return await this.rpc.ask<AgentCheck>(CHECK_AGENT, { agent, rule_id, target_url, credential } satisfies AgentToCheck, CHECK_MS);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      const sentence =
        'The card was not read: no process answers that speaks with agents. Start the federation process, then test the rule.';
      return { ok: false, reason: 'federation.not-running', sentence, interfaces: [] };
    }
  }
}
