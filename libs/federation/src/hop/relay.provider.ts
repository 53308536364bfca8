import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { LogUnavailable } from '@app/event-store';
import type { Instant } from '@app/kernel';
import type { CallAsked, CallEnding, OpenCall } from '../calls/call.js';
import { CallRecorder } from '../calls/call-recorder.provider.js';
import type { CallReason } from '../events/call-reason.js';
import { METHOD_CLASSES, type MethodClass } from '../events/method-class.js';
import { CallCounters } from '../live/call-counters.provider.js';
import { RouteBook } from '../live/route-book.provider.js';
import type { CallToRoute, RouteDecision } from '../routing.js';
import { type FaultStyle, answerFault } from './answer-fault.adapter.js';
import { type FaultCode, type HopFault, failureOf, faultOf } from './faults.js';
import { type Onward, forward } from './forward.adapter.js';
import { HopSockets } from './sockets.provider.js';

/** Where a call goes: on; nowhere, since the card names no such interface; or nowhere, since it cannot be got there. */
export type Target =
  { readonly onward: Onward } | { readonly unknown: true } | { readonly failed: CallReason<'failed'>; readonly fault?: HopFault };

/** A call that a door has understood, and knows the parties of. */
export interface Relayed {
  readonly response: ServerResponse;
  readonly style: FaultStyle;
  readonly call: Omit<CallAsked, 'method_class' | 'rule_id' | 'rule_version'>;
  /** All that it asks for: every one of them must be allowed. */
  readonly classes: readonly MethodClass[];
  /** For sentences: whom it is to reach. */
  readonly facts: Readonly<Record<string, string>>;
  readonly startedMs: number;
  /** Asked when the rules let it through; `targetUrl` is where they send it. */
  readonly target: (targetUrl: string | null) => Promise<Target>;
}

export interface RelayRefusal {
  readonly reason: CallReason<'denied'>;
  readonly code: FaultCode;
}

/** Takes calls through: the rules, the record, the far side, the record again. The same for calls in and out. */
@Injectable()
export class Relay {
  constructor(
    private readonly routes: RouteBook,
    private readonly recorder: CallRecorder,
    private readonly counters: CallCounters,
    private readonly sockets: HopSockets,
  ) {}

  async relay(relayed: Relayed): Promise<void> {
    const { response, style, call, classes, facts } = relayed;
    const { decision, method_class } = this.decide(call, classes);
    const asked: CallAsked = { ...call, method_class, rule_id: decision.rule_id, rule_version: decision.rule_version };
    if (decision.action === 'deny') {
      this.recorder.deny(asked, decision.rule_id === null ? 'no_rule' : 'denied_by_rule');
      return answerFault(response, faultOf('federation.call-denied', facts), style);
    }
    const target = await relayed.target(decision.target_url);
    if ('unknown' in target) {
      this.recorder.deny(asked, 'interface_unknown');
      return answerFault(response, faultOf('federation.interface-unknown', facts), style);
    }
    const open = await this.accepted(asked);
    if (open === undefined) return answerFault(response, faultOf('federation.log-unavailable'), style);
    this.counters.count(call.peer_id, call.direction);
    const ending = 'onward' in target ? await forward(this.sockets, response, target.onward) : notSent(target.failed, relayed.startedMs);
    const fault = 'fault' in target ? target.fault : undefined;
    if (ending.outcome === 'failed') answerFault(response, fault ?? failureOf(ending.reason, facts), style);
    this.recorder.end(open, ending);
  }

  /** A call that was understood and is not let through, for another reason than the rules. */
  refuse({ response, style, call, classes, facts }: Omit<Relayed, 'target'>, { reason, code }: RelayRefusal): void {
    this.recorder.deny({ ...call, method_class: gravest(classes), rule_id: null, rule_version: null }, reason);
    answerFault(response, faultOf(code, facts), style);
  }

  /** Where the card of an agent is read for whoever may ask it anything at all; null: for this one nowhere. */
  reachable(call: Omit<CallToRoute, 'method_class'>): RouteDecision | null {
    const decisions = METHOD_CLASSES.map((method_class) => this.routes.decide({ ...call, method_class }));
    return decisions.find(({ action }) => action !== 'deny') ?? null;
  }

  /** One that is denied denies all; those that lead to two places cannot go to both. */
  private decide(
    call: Omit<CallToRoute, 'method_class'>,
    classes: readonly MethodClass[],
  ): { readonly decision: RouteDecision; readonly method_class: MethodClass } {
    const { direction, peer_id, agent } = call;
    const ruled = classes.map((method_class) => ({
      decision: this.routes.decide({ direction, peer_id, agent, method_class }),
      method_class,
    }));
    const [first] = ruled;
    const odd = ruled.find(({ decision }) => decision.action === 'deny' || decision.target_url !== first?.decision.target_url);
    const method_class = gravest(classes);
    if (odd !== undefined) return { decision: { ...odd.decision, action: 'deny' }, method_class: odd.method_class };
    return { decision: first?.decision ?? this.routes.decide({ direction, peer_id, agent, method_class }), method_class };
  }

  private async accepted(asked: CallAsked): Promise<OpenCall | undefined> {
    try {
      return await this.recorder.accept(asked);
    } catch (error) {
      if (error instanceof LogUnavailable) return undefined; // Strict: what cannot be recorded does not happen.
      throw error;
    }
  }
}

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
