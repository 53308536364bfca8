import type { Clock } from '@app/kernel';
import type { ObservedGateway } from '../seen-gateways.js';
import type { EvaluationStates } from './evaluation-states.js';
import type { Member } from './gateways.probe.js';
import type { AgentGateways } from './ports.js';
import type { Configured } from './configured.js';

/** Timeout for reading which gateways agents see, ms: shorter than that of the probe. */
const SEEN_MS = 2_000;

/** The gateways that the roll-up adds up: the probed ones of the configuration, and those that edge agents see. */
export class GatewayMembers {
  private readonly probed: readonly Configured[];
  /** As they were last read. */
  private observed: readonly ObservedGateway[] = [];

  constructor(
    configured: readonly Configured[],
    private readonly states: EvaluationStates,
    private readonly source: AgentGateways,
    private readonly clock: Clock,
  ) {
    this.probed = configured.filter(({ declaration }) => declaration.kind === 'gateway');
  }

  get probedIds(): string[] {
    return this.probed.map(({ declaration }) => declaration.component_id);
  }

  get redIds(): string[] {
    return this.probedIds.filter((id) => this.states.statusOf(id) === 'red');
  }

  /** Positions of the statuses of those that agents see red. */
  get redPositions(): string[] {
    return this.observed.filter(({ status }) => status === 'red').map(({ position }) => position);
  }

  /** undefined: PostgreSQL does not say which gateways agents see, and none is configured. */
  async areThere(): Promise<boolean | undefined> {
    if (this.probed.length > 0) return true;
    const observed = await this.read();
    return observed === undefined ? undefined : observed.length > 0;
  }

  /** null: right after the start. Shares of those that happened to be looked at first would be shares of nothing. */
  async members(): Promise<Member[] | null> {
    if (this.probedIds.some((id) => this.states.of(id)?.evaluated.reason === 'never_connected')) return null;
    const probed = this.probed.map(({ declaration: { component_id, name, critical } }) => ({
      ...{ name, critical, status: this.states.statusOf(component_id) },
    }));
    return [...probed, ...(await this.seenByAgents())];
  }

  /** While PostgreSQL does not say how they are, they are unknown. */
  private async seenByAgents(): Promise<Member[]> {
    const observed = await this.read();
    if (observed === undefined) return this.observed.map(({ name }) => ({ name, critical: false, status: 'unknown' }));
    this.observed = observed;
    return this.observed.map(({ name, status, label }) => ({
      name,
      critical: false,
      status,
      ...(status === 'unknown' ? { away: label } : {}),
    }));
  }

  /** undefined: PostgreSQL did not answer in time, which must not keep those from being judged that are probed. */
  private async read(): Promise<readonly ObservedGateway[] | undefined> {
    const late = Promise.withResolvers<undefined>();
    const callOff = this.clock.after(SEEN_MS, () => late.resolve(undefined));
    const observed = await Promise.race([this.source.all().catch(() => undefined), late.promise]);
    callOff();
    return observed;
  }
}
