import { FLAP_POLICY, type Flap, STEADY, flappingDetails, watchedAs } from '@app/kernel';
import type { GatewaySnapshot } from '../events/index.js';
import { gatewayFlappingSentence } from '../agent-sentences.js';

/** A gateway that does not change counts as evaluated so often, ms. */
const EVALUATION_MS = 15_000;

/** The gateways of one agent as they are shown: one whose state changes too often is flapping, whatever it is between two changes. */
export class GatewayFlaps {
  private flaps = new Map<string, Flap>();

  /** Evaluates all gateways of the agent. Forgets those that are there no more. */
  shown(reported: readonly GatewaySnapshot[], nowMs: number): GatewaySnapshot[] {
    const before = this.flaps;
    this.flaps = new Map(
      reported.map(({ name, state }) => [name, watchedAs(before.get(name) ?? STEADY, state, nowMs, EVALUATION_MS, FLAP_POLICY)]),
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
