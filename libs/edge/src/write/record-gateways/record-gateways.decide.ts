import { type Decider, newEvent, plainText } from '@app/kernel';
import { VERSION_LENGTH } from '../../events/gateway-status-changed.event.js';
import { type AgentId, type GatewaySnapshot, GatewayStatusChanged } from '../../events/index.js';
import { type ReportedGateway, type Gateways, gateways } from '../../gateways.stream.js';

export interface GatewaysObservation {
  readonly agent_id: AgentId;
  /** All there are. */
  readonly gateways: readonly GatewaySnapshot[];
}

/** Each gateway that is something else than it was, or is there for the first time, or no more. */
export const recordGateways: Decider<Gateways, GatewaysObservation, typeof GatewayStatusChanged> = {
  on: ({ agent_id }) => gateways.of(agent_id),
  decide: (known, { data: { agent_id, gateways: seen } }) => {
    const changed = seen
      .filter((one) => !isAsKnown(one, known.get(one.name)))
      .map(({ name: gateway, state, ...one }) => {
        const { capability, version, reason, sentence } = one;
        const from = known.get(gateway)?.state ?? null;
        return newEvent(GatewayStatusChanged, { agent_id, gateway, from, to: state, capability, version, reason, sentence });
      });
    const gone = [...known]
      .filter(([name]) => !seen.some((one) => one.name === name))
      .map(([gateway, { state: from, capability, version: stored }]) => {
        const version = stored === null ? null : plainText(stored, VERSION_LENGTH);
        const sentence = 'The agent knows it no more.';
        return newEvent(GatewayStatusChanged, { agent_id, gateway, from, to: null, capability, version, reason: null, sentence });
      });
    return [...changed, ...gone];
  },
};

const isAsKnown = (seen: GatewaySnapshot, known: ReportedGateway | undefined): boolean =>
  known !== undefined &&
  seen.state === known.state &&
  seen.capability === known.capability &&
  seen.version === known.version &&
  seen.reason === known.reason;
