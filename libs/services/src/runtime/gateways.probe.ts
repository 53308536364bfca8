import type { Details } from '@app/kernel';
import type { ComponentStatus } from '../events/component-status.js';
import { type Finding, type Reading, answered } from './reading.js';
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

/** All gateways as one: no probe of its own, but what the verdicts on them add up to. */
export class GatewaysProbe implements Probe {
  readonly isIndirect = true;
  blockedBy: readonly string[] = [];

  /** `members` null: not all of them were looked at yet. */
  constructor(private readonly members: () => Promise<readonly Member[] | null>) {}

  async look(): Promise<Reading | null> {
    const members = await this.members();
    if (members === null) return null;
    const reading = gatewaysReading(members);
    this.blockedBy = reading === null ? awayOf(members) : [];
    return reading;
  }

  async close(): Promise<void> {}
}

const awayOf = (members: readonly Member[]): string[] =>
  [...new Set(members.flatMap(({ away }) => (away === undefined ? [] : [`edge agent ${away}`])))].slice(0, NAMED);

/** null: none of them can be judged. What is unknown counts neither way. */
export function gatewaysReading(members: readonly Member[]): Reading | null {
  const judged = members.filter(({ status }) => status !== 'unknown');
  if (judged.length === 0) return null;
  const down = judged.filter(({ status }) => status === 'red');
  if (down.length === 0) return answered(null);
  const critical = down.filter((member) => member.critical);
  const colour: Finding['colour'] = critical.length > 0 || down.length >= RED_SHARE * judged.length ? 'red' : 'amber';
  return answered(null, { findings: [{ colour, reason: 'dependency_down', details: detailsOf(down, critical, judged.length) }] });
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
