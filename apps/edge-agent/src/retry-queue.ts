import { byAgent, byModel, rounded } from './by-model.js';
import {
  type AgentCost,
  type Cost,
  LIMITS,
  type ModelCost,
  type OutboxReport,
  parseFrame,
} from '../../../libs/edge/src/tunnel.protocol.js';

/** What one gateway said that a day cost. */
export interface DayCost {
  usd: number;
  tokens: number;
  missing: number;
  /** Of these sums, by model; empty: it does not say. Each model once. */
  models: ModelCost[];
  /** Of these sums, by the agent that the gateway runs; empty: it does not say. */
  agents: Omit<AgentCost, 'gateway'>[];
}

/** All of it, as it lies on disk. */
export interface Kept {
  dropped: number;
  /** Day, gateway, figure. */
  costs: [string, string, DayCost][];
  /** Days of which the server does not know the newest figure. */
  unsent: string[];
}

/** What was kept, as far as it is: undefined when anything about it is not as it should be. A figure is as the tunnel takes it. */
export function keptOf(value: unknown): Kept | undefined {
  const { dropped, costs, unsent } = value as Partial<Kept>;
  if (!Number.isSafeInteger(dropped) || dropped! < 0 || !Array.isArray(costs) || !Array.isArray(unsent)) return undefined;
  const known = costs.map(keptCost);
  const isUnsent = (day: unknown): boolean => costs.some(([is]) => is === day);
  return known.every((one) => one !== null) && unsent.every(isUnsent) ? { dropped: dropped!, costs: known, unsent } : undefined;
}

/** Agents of before kept no figures by model, or by agent. */
function keptCost(one: unknown): Kept['costs'][number] | null {
  if (!Array.isArray(one) || typeof one[1] !== 'string') return null;
  const [day, gateway, cost] = one as [string, string, Partial<DayCost> | null];
  const { usd, tokens, missing, models = [], agents = [] } = cost ?? {};
  if (!Array.isArray(agents)) return null;
  const by_agent = agents.map((use) => ({ ...use, gateway: null }));
  const frame = { type: 'cost', seq: 1, day, usd, tokens, by_model: models, by_agent, missing_cost_entries: missing, fresh: false };
  const read = parseFrame(JSON.stringify(frame));
  if ('malformed' in read || read.type !== 'cost') return null;
  return [
    day,
    gateway,
    {
      usd: read.usd,
      tokens: read.tokens,
      missing: read.missing_cost_entries,
      models: read.by_model,
      agents: read.by_agent.map(withoutGateway),
    },
  ];
}

const withoutGateway = ({ gateway: _gateway, ...use }: AgentCost): DayCost['agents'][number] => use;

/** A month of days that the server was not told of. */
const CAPACITY = 31;
/**
 * What the server is still to be told. Of each day's cost only the newest figure counts, and of reports only the newest too, which is
 * made when it is sent: so nothing here grows with the time without a tunnel. What was replaced before it was sent is counted as
 * dropped, never silently gone.
 */
export class RetryQueue {
  private dropped: number;
  private readonly days = new Map<string, Map<string, DayCost>>();
  /** The day, and the number of the message that told it; null: none did yet. */
  private readonly waiting = new Map<string, number | null>();
  private reportWaits = false;

  constructor(kept: Kept = { dropped: 0, costs: [], unsent: [] }) {
    this.dropped = kept.dropped;
    for (const [day, gateway, cost] of kept.costs) this.of(day).set(gateway, cost);
    for (const day of kept.unsent) this.waiting.set(day, null);
  }

  /** A figure for a day, as its gateway has it now. Whether that is news. */
  cost(day: string, gateway: string, cost: DayCost): boolean {
    const figures = this.of(day);
    if (JSON.stringify(figures.get(gateway)) === JSON.stringify(cost)) return false;
    figures.set(gateway, cost);
    if (this.waiting.get(day) === null) this.dropped++;
    this.waiting.delete(day); // So that the newest day stands last.
    this.waiting.set(day, null);
    this.shrink();
    return true;
  }

  /** There is a change to report, and no tunnel to report it by. */
  report(): void {
    if (this.reportWaits) this.dropped++;
    this.reportWaits = true;
  }

  reported(): void {
    this.reportWaits = false;
  }

  /** The first day that is kept of a gateway, which may still have to correct it; null: none is. */
  since(gateway: string): string | null {
    const days = [...this.days].filter(([, figures]) => figures.has(gateway)).map(([day]) => day);
    return days.toSorted()[0] ?? null;
  }

  /** What is to be told now. `number` gives each message its number; `isFresh`: whether what these gateways said is all there is now. */
  *take(number: () => number, isFresh: (gateways: readonly string[]) => boolean): Generator<Cost> {
    for (const [day, told] of this.waiting) {
      if (told !== null) continue;
      const cost = this.total(day, number(), isFresh);
      this.waiting.set(day, cost.seq);
      yield cost;
    }
  }

  /** The server knows everything up to this number. */
  acked(seq: number): void {
    for (const [day, told] of this.waiting) if (told !== null && told <= seq) this.waiting.delete(day);
    this.forget();
  }

  /** The connection is gone: what was sent and not acknowledged is sent again. */
  lost(): void {
    for (const day of this.waiting.keys()) this.waiting.set(day, null);
  }

  get state(): OutboxReport {
    return { depth: this.waiting.size + (this.reportWaits ? 1 : 0), capacity: CAPACITY + 1, dropped: this.dropped };
  }

  get kept(): Kept {
    const costs = [...this.days].flatMap(([day, figures]) =>
      [...figures].map(([gateway, cost]): Kept['costs'][number] => [day, gateway, cost]),
    );
    return { dropped: this.dropped, costs, unsent: [...this.waiting.keys()] };
  }

  private of(day: string): Map<string, DayCost> {
    const figures = this.days.get(day) ?? new Map<string, DayCost>();
    this.days.set(day, figures);
    return figures;
  }

  private total(day: string, seq: number, isFresh: (gateways: readonly string[]) => boolean): Cost {
    const figures = [...this.of(day)];
    const sum = (field: 'usd' | 'tokens' | 'missing', most: number): number =>
      Math.min(
        most,
        figures.reduce((all, [, cost]) => all + cost[field], 0),
      );
    const by_model = byModel(figures.flatMap(([, { models }]) => models));
    const by_agent = byAgent(figures.flatMap(([gateway, { agents }]) => agents.map((use) => ({ gateway, ...use }))));
    const usd = rounded(sum('usd', LIMITS.usd));
    const [tokens, missing] = [sum('tokens', Number.MAX_SAFE_INTEGER), sum('missing', Number.MAX_SAFE_INTEGER)];
    const fresh = isFresh(figures.map(([gateway]) => gateway));
    return { type: 'cost', seq, day, usd, tokens, by_model, by_agent, missing_cost_entries: missing, fresh };
  }

  private shrink(): void {
    for (const [day, told] of this.waiting) {
      if (this.waiting.size <= CAPACITY) break;
      this.waiting.delete(day);
      if (told === null) this.dropped++;
    }
    this.forget();
  }

  /** Days that are told and over: the two newest stay, since a gateway may still correct them. */
  private forget(): void {
    const over = [...this.days.keys()].toSorted().slice(0, -2);
    for (const day of over) if (!this.waiting.has(day)) this.days.delete(day);
  }
}
