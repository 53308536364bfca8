import type { Details } from '@app/kernel';
import type { ComponentStatus } from '../events/component-status.js';
import { type Finding, type ProbeResult, answered } from './probe-result.js';
import type { Probe } from './probe.js';

/** One gateway, as far as all of them together depend on it. */
export interface Member {
  readonly name: string;
  readonly critical: boolean;
  readonly status: ComponentStatus;
  /** Name of the edge agent that sees it and is away; absent: it is probed, or its agent is here. */
  readonly away?: string;
}

/** Half of them down is all of them down, as far as anybody can rely on them. */
const RED_SHARE = 0.5;

/** All gateways as one: no probe of its own, but what the statuses on them add up to. */
export class GatewaysProbe implements Probe {
  readonly isIndirect = true;
  blockedBy: readonly string[] = [];

  /** `members` null: not all of them were looked at yet. */
  constructor(private readonly members: () => Promise<readonly Member[] | null>) {}

  async look(): Promise<ProbeResult | null> {
    const members = await this.members();
    if (members === null) return null;
    const result = gatewaysProbeResult(members);
    this.blockedBy = result === null ? awayOf(members) : [];
    return result;
  }

  async close(): Promise<void> {}
}

const awayOf = (members: readonly Member[]): string[] =>
  [...new Set(members.flatMap(({ away }) => (away === undefined ? [] : [`edge agent ${away}`])))].slice(0, NAMED);

/** null: none of them can be judged. What is unknown counts neither way. */
export function gatewaysProbeResult(members: readonly Member[]): ProbeResult | null {
  const evaluation = members.filter(({ status }) => status !== 'unknown');
  if (evaluation.length === 0) return null;
  const down = evaluation.filter(({ status }) => status === 'red');
  if (down.length === 0) return answered(null);
  const critical = down.filter((member) => member.critical);
  const colour: Finding['colour'] = critical.length > 0 || down.length >= RED_SHARE * evaluation.length ? 'red' : 'amber';
  return answered(null, { findings: [{ colour, reason: 'dependency_down', details: detailsOf(down, critical, evaluation.length) }] });
}

const detailsOf = (down: readonly Member[], critical: readonly Member[], of: number): Details => ({
  down_count: down.length,
  members: of,
  down: namesOf(down),
  critical: namesOf(critical),
});
const namesOf = (members: readonly Member[]): string[] => members.slice(0, NAMED).map(({ name }) => name);
/** More are counted, not named. */
const NAMED = 16;
