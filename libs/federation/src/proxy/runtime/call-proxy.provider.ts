import type { ServerResponse } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { LogFull, LogUnavailable } from '@app/event-store';
import { type Instant, RateLimit } from '@app/kernel';
import { type CallAsked, type CallEnding, CallRecorder, type OpenCall, partyOf, untilTomorrow } from '../../calls/ports.js';
import type { CallReason } from '../../calls/events/call-reason.js';
import { METHOD_CLASSES, type MethodClass } from '../../routing/events/method-class.js';
import { CallCounters, PeerCache } from '../../peers/ports.js';
import { type CallToRoute, NO_RULE, RoutingTable, type RouteDecision } from '../../routing/ports.js';
import { type FaultStyle, answerFault } from './answer-fault.adapter.js';
import { type FaultCode, type ProxyFault, failureOf, faultOf } from './faults.js';
import { type Onward, forward } from './forward.adapter.js';
import { OpenRights, type Right } from './open-rights.js';
import { type Entered, type LimitedRule, RuleLimits } from './rule-limits.js';

/** Where a call goes: on; nowhere, since the card names no such interface; or nowhere, since it cannot be got there. */
export type Target =
  { readonly onward: Onward } | { readonly unknown: true } | { readonly failed: CallReason<'failed'>; readonly fault?: ProxyFault };

/** A call that an endpoint has understood, and knows the parties of. */
export interface ProxiedCall {
  readonly response: ServerResponse;
  readonly style: FaultStyle;
  readonly call: Omit<CallAsked, 'method_class' | 'rule_id' | 'rule_version'>;
  /** All that it asks for: every one of them must be allowed. */
  readonly classes: readonly MethodClass[];
  /** For sentences: whom it is to reach. */
  readonly facts: Readonly<Record<string, string>>;
  readonly startedMs: number;
  /** Asked when the rules let it through, with what they say of it. */
  readonly target: (decision: RouteDecision) => Promise<Target>;
  /** See `Right`. */
  readonly isStillIn?: Right['isStillIn'];
  readonly onEnd?: Right['onEnd'];
}

export interface ProxyRefusal {
  readonly reason: CallReason<'denied'>;
  readonly code: FaultCode;
}

/** How calls with a peer that is known, but not active, are refused to clients of ours. */
export const INACTIVE = {
  pending: { reason: 'peer_not_active', code: 'federation.peer-not-active' },
  suspended: { reason: 'peer_suspended', code: 'federation.peer-suspended' },
} as const satisfies Record<string, ProxyRefusal>;
const REMOVED = { reason: 'peer_not_active', code: 'federation.peer-unknown' } as const satisfies ProxyRefusal;

/** Takes calls through: the rules, the record, the far side, the record again. The same for calls in and out. */
@Injectable()
export class CallProxy {
  private readonly log = new Logger('federation.hop');
  private readonly rights = new OpenRights();
  private readonly warnings = new RateLimit({ perSecond: 1 / 60, burst: 1, maxKeys: 1_024 });
  private readonly limits = new RuleLimits({ nowMs: () => performance.now(), warn: (sentence) => this.log.warn(sentence) });

  constructor(
    private readonly routes: RoutingTable,
    private readonly peers: PeerCache,
    private readonly recorder: CallRecorder,
    private readonly counters: CallCounters,
  ) {
    routes.onChange(() => this.rights.look());
    peers.onChange(() => this.rights.look());
  }

  async proxy(proxied: ProxiedCall): Promise<void> {
    const { call, classes, response, style, facts } = proxied;
    let ruled = this.decide(call, classes);
    while (ruled.decision.action !== 'deny') {
      const target = await proxied.target(ruled.decision);
      const before = ruled;
      ruled = this.decide(call, classes); // A card may have been read meanwhile, and that takes its time.
      if (isSameWay(ruled.decision, before.decision) && isSameCredential(ruled.decision, before.decision))
        return this.forwarded(proxied, ruled, target);
    }
    this.recorder.deny(askedOf(call, ruled), ruled.decision.rule_id === null ? 'no_rule' : 'denied_by_rule');
    answerFault(response, faultOf('federation.call-denied', facts), style);
  }

  /** What the rules let through right now. */
  private async forwarded(proxied: ProxiedCall, ruled: Ruled, target: Target): Promise<void> {
    const { response, style, call, facts, startedMs } = proxied;
    const refusal = this.inactive(call);
    if (refusal !== null) return this.refuse(proxied, refusal);
    const asked = askedOf(call, ruled);
    if ('unknown' in target) {
      this.recorder.deny(asked, 'interface_unknown');
      return answerFault(response, faultOf('federation.interface-unknown', facts), style);
    }
    const entered = this.entered(proxied, ruled);
    if (entered === null) return undefined;
    try {
      const open = await this.accepted(asked);
      if ('refused' in open) return answerFault(response, faultOf(open.refused), style);
      this.counters.count(call.peer_id, call.direction);
      if ('onward' in target) target.onward.body.onDrop = () => entered.bodyDropped();
      const ending = 'onward' in target ? await this.passed(proxied, ruled, target.onward) : notSent(target.failed, startedMs);
      const fault = 'fault' in target ? target.fault : undefined;
      if (ending.outcome === 'failed') answerFault(response, fault ?? failureOf(ending.reason, facts), style);
      this.recorder.end(open, ending);
    } finally {
      entered.ended();
    }
  }

  /** What the call takes of the limits of its rules; null: one of them lets no more through, and the caller was told. */
  private entered({ response, style, call, facts }: ProxiedCall, ruled: Ruled): Entered | null {
    if (this.hasNoBudget(call, ruled)) {
      const retryAfterS = Math.ceil(untilTomorrow(Date.now()) / 1_000);
      answerFault(response, { ...faultOf('federation.budget-spent', facts), retryAfterS }, style);
      this.recorder.deny(askedOf(call, ruled), 'limit_reached');
      return null;
    }
    const entered = this.limits.enter(partyOf(call), ruled.rules, call.request_bytes);
    if (!('full' in entered)) return entered;
    const isBody = entered.full === 'body';
    const { rule_id, rule_version } = entered.rule;
    const asked = { ...askedOf(call, ruled), rule_id, rule_version };
    this.recorder.deny(asked, isBody ? 'body_too_large' : 'limit_reached');
    const said = isBody ? { most: String(entered.most) } : { because: entered.because };
    answerFault(response, faultOf(isBody ? 'federation.rule-body-limit' : 'federation.limit-reached', { ...facts, ...said }), style);
    return null;
  }

  /** Rules that were added before there were limits enforce none for one more release; then a line says what will be refused. */
  private hasNoBudget(call: ProxiedCall['call'], { rules }: Ruled): boolean {
    if (!this.recorder.isSpent(call)) return false;
    if (rules.some(({ limits }) => limits !== null)) return true;
    const party = partyOf(call);
    if (this.warnings.admits(party, performance.now()))
      this.log.warn(
        `${party} has written more to the record of calls today than its share, which a later release refuses by this rule too.`,
      );
    return false;
  }

  /** For as long as it would be let through again. */
  private passed({ response, call, classes, isStillIn, onEnd }: ProxiedCall, { decision }: Ruled, onward: Onward): Promise<CallEnding> {
    const isHeld = (): boolean => this.inactive(call) === null && isSameWay(this.decide(call, classes).decision, decision);
    return this.rights.hold({ isHeld, isStillIn, onEnd }, (withdrawn) => forward(response, onward, withdrawn));
  }

  /** A call that was understood and is not let through, for another reason than the rules. */
  refuse({ response, style, call, classes, facts }: Omit<ProxiedCall, 'target' | 'startedMs'>, { reason, code }: ProxyRefusal): void {
    this.recorder.deny({ ...call, method_class: gravest(classes), rule_id: null, rule_version: null }, reason);
    answerFault(response, faultOf(code, facts), style);
  }

  /** Where the card of an agent is read for whoever may ask it anything at all; `deny`: for this one nowhere. */
  reachable(call: Omit<CallToRoute, 'method_class'>): RouteDecision {
    const decisions = METHOD_CLASSES.map((method_class) => this.routes.decide({ ...call, method_class }));
    return decisions.find(({ action }) => action !== 'deny') ?? decisions.find(({ rule_id }) => rule_id !== null) ?? NO_RULE;
  }

  /** One that is denied denies all; those that lead to two places cannot go to both. */
  private decide(call: Omit<CallToRoute, 'method_class'>, classes: readonly MethodClass[]): Ruled {
    const { direction, peer_id, agent } = call;
    const ruled = classes.map((method_class) => ({
      decision: this.routes.decide({ direction, peer_id, agent, method_class }),
      method_class,
    }));
    const [first] = ruled;
    const isOdd = ({ decision }: { decision: RouteDecision }): boolean =>
      first === undefined ||
      decision.action === 'deny' ||
      !isSameWay(decision, first.decision) ||
      !isSameCredential(decision, first.decision);
    const odd = ruled.find(isOdd);
    const method_class = gravest(classes);
    if (odd !== undefined) return { decision: { ...odd.decision, action: 'deny' }, method_class: odd.method_class, rules: [] };
    const decision = first?.decision ?? this.routes.decide({ direction, peer_id, agent, method_class });
    return { decision, method_class, rules: rulesOf([decision, ...ruled.map((each) => each.decision)]) };
  }

  /** Why calls do not flow with this peer, as each side is told; null: they do. */
  private inactive({ peer_id, direction }: Pick<CallToRoute, 'peer_id' | 'direction'>): ProxyRefusal | null {
    if (!this.peers.isCaughtUp) return { reason: 'peer_not_active', code: 'federation.not-ready' };
    const lifecycle = this.peers.get(peer_id)?.lifecycle;
    if (lifecycle === 'active') return null;
    const { reason, code } = lifecycle === undefined ? REMOVED : INACTIVE[lifecycle];
    return { reason, code: direction === 'in' ? 'federation.not-a-peer' : code };
  }

  private async accepted(asked: CallAsked): Promise<OpenCall | { readonly refused: FaultCode }> {
    try {
      return await this.recorder.accept(asked);
    } catch (error) {
      // Strict: what cannot be recorded does not happen.
      if (error instanceof LogFull) return { refused: 'federation.record-full' };
      if (error instanceof LogUnavailable) return { refused: 'federation.log-unavailable' };
      throw error;
    }
  }
}

interface Ruled {
  readonly decision: RouteDecision;
  readonly method_class: MethodClass;
  /** All that let it through, each once: a call may ask for more than one of them covers. */
  readonly rules: readonly LimitedRule[];
}

function rulesOf(decisions: readonly RouteDecision[]): LimitedRule[] {
  const rules = new Map<string, LimitedRule>();
  for (const { rule_id, rule_version, limits } of decisions) if (rule_id !== null) rules.set(rule_id, { rule_id, rule_version, limits });
  return [...rules.values()];
}

/** Another credential matters to a request that is yet to be sent, not to one that was taken. */
const isSameCredential = (one: RouteDecision, other: RouteDecision): boolean =>
  one.credential?.credential_id === other.credential?.credential_id;

/** Another rule may say so by now. */
const isSameWay = (one: RouteDecision, other: RouteDecision): boolean => one.action === other.action && one.target_url === other.target_url;

const askedOf = (call: ProxiedCall['call'], { decision, method_class }: Ruled): CallAsked => ({
  ...call,
  method_class,
  rule_id: decision.rule_id,
  rule_version: decision.rule_version,
});

const BY_GRAVITY: readonly MethodClass[] = ['admin', 'send', 'read'];
const gravest = (classes: readonly MethodClass[]): MethodClass => BY_GRAVITY.find((each) => classes.includes(each)) ?? 'send';

/** It was let through, and the way to it could not be found out. */
const notSent = (reason: CallReason<'failed'>, startedMs: number): CallEnding => ({
  outcome: 'failed',
  reason,
  http_status: null,
  rpc_error_code: null,
  ended_at: new Date().toISOString() as Instant,
  first_byte_ms: null,
  total_ms: performance.now() - startedMs,
  response_bytes: 0,
  sse_events: null,
  task_id: null,
  context_id: null,
});
