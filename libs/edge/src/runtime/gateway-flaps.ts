import { FLAP_SCORE, type Flap, type FlapPolicy, STEADY, flappingDetails, watchedAs } from '@app/kernel';
import { gatewayFlappingSentence } from '../agent-sentences.js';
import { GATEWAY_STATES, gatewayHealth } from '../events/gateway-state.js';
import type { GatewaySnapshot } from '../events/index.js';
import { AGENT_POLICY } from './agent-policy.js';

/** A gateway that does not change counts as evaluated so often, ms. */
const EVALUATION_MS = 15_000;

/** A gateway has as long to come back as its agent has: longer than that is an outage. */
const POLICY: FlapPolicy = {
  ...FLAP_SCORE,
  down: GATEWAY_STATES.filter((state) => gatewayHealth({ state, reason: null }) === 'down'),
  outageMs: AGENT_POLICY.graceMs,
};

/** The gateways of one agent as they are shown: one whose state changes too often is flapping, whatever it is between two changes. */
export class GatewayFlaps {
  private flaps = new Map<string, Flap>();

  /** Evaluates all gateways of the agent. Forgets those that are there no more. */
  shown(reported: readonly GatewaySnapshot[], nowMs: number): GatewaySnapshot[] {
    const before = this.flaps;
    this.flaps = new Map(
      reported.map(({ name, state }) => [name, watchedAs(before.get(name) ?? STEADY, state, nowMs, EVALUATION_MS, POLICY)]),
    );
    return reported.map((gateway) => damped(gateway, this.flaps.get(gateway.name) ?? STEADY));
  }
}

/** A gateway that starts again and again has another start each time, and may not know its version while it is gone: neither is told. */
const damped = (gateway: GatewaySnapshot, flap: Flap): GatewaySnapshot =>
  flap.isFlapping
    ? {
        ...gateway,
        state: 'flapping',
        reason: 'flapping',
        version: null,
        started_at: null,
        sentence: gatewayFlappingSentence(flappingDetails(flap)),
      }
    : gateway;
