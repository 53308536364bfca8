import { Injectable, Logger } from '@nestjs/common';
import { RateLimit } from '@app/kernel';
import { type CallAsked, CallRecorder } from '../../calls/ports.js';
import type { CallReason } from '../../calls/events/call-reason.js';
import type { RouteDecision } from '../../routing/ports.js';
import type { NoCard } from './cards.provider.js';

/** Who asks for the card of which agent. */
export type CardAsked = Pick<CallAsked, 'direction' | 'peer_id' | 'call_id' | 'agent' | 'caller' | 'key_id' | 'actor'>;

/** One line a minute for each agent and peer; the records have all of them. */
const LINES = { perSecond: 1 / 60, burst: 1, maxKeys: 1_024 };
const MAX_NAMED = 3;

/** Puts on record that a card was not handed out, and why. A card that is read is no call, and leaves no record. */
@Injectable()
export class CardRecords {
  private readonly log = new Logger('federation.cards');
  private readonly lines = new RateLimit(LINES);

  constructor(private readonly recorder: CallRecorder) {}

  /** The rules do not let it through. */
  denied(asked: CardAsked, decision: RouteDecision | null): void {
    const reason = decision?.rule_id == null ? 'no_rule' : 'denied_by_rule';
    this.put(asked, decision, reason, reason === 'no_rule' ? 'no routing rule lets it through' : `rule ${decision?.rule_id} denies it`);
  }

  /** The token of its caller does not cover it. */
  notBound(asked: CardAsked): void {
    this.put(asked, null, 'caller_not_bound', 'the bindings of the token do not cover it');
  }

  /** There is no card that could be handed out. */
  missing(asked: CardAsked, decision: RouteDecision | null, { reason, fault, listed = [] }: NoCard): void {
    const named = listed.filter(({ because }) => because !== null).slice(0, MAX_NAMED);
    const words = named.map(({ url, because }) => `${JSON.stringify(url.slice(0, 200))}: ${because}`);
    this.put(asked, decision, REASONS[reason] ?? 'card_not_read', [fault.detail, ...words].join(' '));
  }

  private put(asked: CardAsked, decision: RouteDecision | null, reason: CallReason<'denied'>, because: string): void {
    const { agent, peer_id, direction } = asked;
    const rule = { rule_id: decision?.rule_id ?? null, rule_version: decision?.rule_version ?? null };
    this.recorder.deny({ ...NO_MESSAGE, ...asked, ...rule }, reason);
    if (!this.lines.admits(`${direction} ${peer_id} ${agent}`, performance.now())) return;
    this.log.warn(`The card of ${agent} was not handed out ${direction === 'in' ? 'to' : 'from'} ${peer_id}: ${because}`);
  }
}

const REASONS: Partial<Record<CallReason<'failed'>, CallReason<'denied'>>> = {
  answer_invalid: 'card_refused',
  answer_too_large: 'card_refused',
  agent_refused: 'card_auth_rejected',
};

const NO_MESSAGE: Omit<CallAsked, keyof CardAsked | 'rule_id' | 'rule_version'> = {
  ...{ method: 'GetAgentCard', method_class: 'read', protocol_version: null, binding: null, rpc_id: null, task_id: null },
  ...{ context_id: null, message_id: null, request_bytes: 0, trace_id: null },
};
