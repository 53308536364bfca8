import type { ChannelReport, GatewayReport } from '../../../../libs/edge/src/tunnel.protocol.js';
import { isLoopback } from '../address.js';
import type { Clock } from '../clock.js';
import type { DayCost } from '../retry-queue.js';
import { CostWatch } from './cost-watch.js';
import { gatewayReport } from './gateway-report.js';
import { type HttpLook, lookOverHttp } from './http-look.js';
import { type ChannelFacts, type HealthFacts, healthFacts } from './projection.js';
import { OpenClawSession, type Trouble } from './session.js';

export interface Watched {
  name: string;
  url: string;
  /** null: over HTTP only. */
  token: string | null;
  /** The first day that is not known to its end; null: none is known at all. */
  costSince: string | null;
}
export interface WatchListener {
  /** After each round of looking. `isNews`: something other than times and durations is not as it was. */
  seen(report: GatewayReport, isNews: boolean): void;
  /** A figure that the gateway itself calls final so far. */
  cost(name: string, day: string, cost: DayCost): void;
}

const LOOK_MS = 30_000;
const LOOK_TIMEOUT_MS = 10_000;
const AGAIN_MS = 1_000;
/** The longest pause while a gateway starts, or is on this machine, where a look costs nothing. */
const SOON_MS = 3_000;
/** The answer to these only a person changes, at the gateway or here. */
const REFUSED: readonly Trouble['kind'][] = ['unauthorised', 'pairing_required', 'protocol_mismatch'];
/** So often what was refused is tried again while the gateway runs on: a person may have approved it meanwhile. Ten refusals lock us out. */
const REFUSED_MS = 600_000;
/** Two reckonings of one start differ by less. */
const START_MS = 5_000;

/** What was refused, and by which gateway. Times are of `Clock.monotonic`. */
interface Refused {
  atMs: number;
  version: string | null;
  /** null: it does not say. */
  startedMs: number | null;
}

/** What is worth a report of its own. */
const gist = (report: GatewayReport): string => {
  const channels = report.channels.map((channel) => ({ ...channel, down_ms: null }));
  return JSON.stringify({ ...report, channels, uptime_ms: null, latency_ms: null });
};
const isStarting = (look: HttpLook, trouble: Trouble | null): boolean =>
  look.kind === 'open' && (look.startup === 'starting' || (look.startup !== 'draining' && trouble?.kind === 'starting'));

/**
 * Keeps looking at one gateway: every 30 s while it is well, else after 1, 2 and then every 3 s; where it is absent on another machine
 * after 1, 2, 4 ... 30 s. A gateway that is seen starting is looked at after 1 s again, however long it was absent before. A round asks
 * over HTTP, then opens a session if there is a token and none is open, then asks for what the session allows.
 *
 * A session that was refused is tried again when the gateway was started anew or is another version, and every 10 minutes; one that was
 * granted less than was asked for is opened anew every 10 minutes.
 */
export class GatewayWatch {
  report: GatewayReport | null = null;
  private session: OpenClawSession | null = null;
  private openedMs = 0;
  private trouble: Trouble | null = null;
  private refused: Refused | null = null;
  /** Of `Clock.monotonic`, as all times here. */
  private notBeforeMs = 0;
  private limited: { look: HttpLook; untilMs: number } | null = null;
  /** Since when a channel is not connected, by name. */
  private downSince: ReadonlyMap<string, number> = new Map();
  private readonly costs: CostWatch;
  /** As the last session had it; null: there was none. */
  private mayRead: boolean | null = null;
  private failures = 0;
  private wasStarting = false;
  private isStopped = false;
  private wake = (): void => undefined;
  private readonly abort = new AbortController();
  private readonly first = Promise.withResolvers<void>();

  constructor(
    private readonly gateway: Watched,
    private readonly version: string,
    private readonly clock: Clock,
    private readonly listener: WatchListener,
  ) {
    this.costs = new CostWatch(gateway.costSince, clock, (day, cost) => listener.cost(gateway.name, day, cost));
  }

  get name(): string {
    return this.gateway.name;
  }

  /** Resolves after the first round, or when there will be none. */
  get looked(): Promise<void> {
    return this.first.promise;
  }

  /** Resolves when the watch was stopped. */
  async run(): Promise<void> {
    while (!this.isStopped) {
      const waitMs = await this.round();
      this.first.resolve();
      if (!this.isStopped) await this.pause(waitMs);
    }
  }

  stop(): void {
    this.isStopped = true;
    this.abort.abort();
    this.session?.close();
    this.wake();
  }

  /** Whether the gateway lets us ask for figures now. */
  get reads(): boolean {
    return this.session?.hello?.may.has('usage.cost') === true;
  }

  /** Whether there are figures to ask for: there is a token, and the gateway has not said that it is not good for that. */
  get isToBeRead(): boolean {
    return this.gateway.token !== null && this.mayRead !== false;
  }

  /** Answers how long to wait for the next. */
  private async round(): Promise<number> {
    const look = await this.look();
    if (this.isStopped) return 0;
    await this.connect(look);
    const health = await this.health();
    if (this.isStopped) return 0;
    const hello = this.session?.hello ?? null;
    const session = hello === null ? null : { hello, health, channels: this.channels(health) };
    const before = this.report;
    const hasToken = this.gateway.token !== null;
    this.report = gatewayReport({ name: this.name, look, hasToken, session, trouble: this.trouble });
    this.listener.seen(this.report, before === null || gist(before) !== gist(this.report));
    return this.waitMs(look, this.report);
  }

  private waitMs(look: HttpLook, { state }: GatewayReport): number {
    const starts = isStarting(look, this.trouble);
    const isNew = starts && !this.wasStarting;
    this.wasStarting = starts;
    if (look.kind === 'rate_limited') return Math.max(AGAIN_MS, Math.min(LOOK_MS, (this.limited?.untilMs ?? 0) - this.clock.monotonic()));
    const waits = this.trouble === null || REFUSED.includes(this.trouble.kind) || this.trouble.kind === 'rate_limited';
    const isWell = look.kind === 'open' && !['starting', 'draining', 'not_ready'].includes(state) && waits;
    this.failures = isWell ? 0 : isNew ? 1 : this.failures + 1;
    const mostMs = starts || isLoopback(this.gateway.url) ? SOON_MS : LOOK_MS;
    return isWell ? LOOK_MS : Math.min(mostMs, AGAIN_MS * 2 ** (this.failures - 1));
  }

  /** A gateway that said how long it wants no request gets none meanwhile. */
  private async look(): Promise<HttpLook> {
    if (this.limited !== null && this.clock.monotonic() < this.limited.untilMs) return this.limited.look;
    const late = new AbortController();
    const stop = this.clock.after(LOOK_TIMEOUT_MS, () => late.abort());
    try {
      const look = await lookOverHttp(this.gateway.url, AbortSignal.any([late.signal, this.abort.signal]), this.clock.now());
      this.limited = look.kind === 'rate_limited' ? { look, untilMs: this.clock.monotonic() + look.retryAfterMs } : null;
      return look;
    } finally {
      stop();
    }
  }

  private async connect(look: HttpLook): Promise<void> {
    if (this.session?.hello?.mayRead === false && this.clock.monotonic() - this.openedMs >= REFUSED_MS) this.leave(this.session);
    if (this.refused !== null && this.isAnew(this.refused, look)) this.refused = null;
    if (this.session !== null || this.gateway.token === null || look.kind !== 'open' || look.startup === 'draining') return;
    if (this.refused !== null || this.clock.monotonic() < this.notBeforeMs) return;
    const session = new OpenClawSession({ url: this.gateway.url, token: this.gateway.token, version: this.version, clock: this.clock });
    this.session = session;
    void session.ended.then((trouble) => this.lost(session, trouble, look));
    await session.ready();
    if (session.hello === null) return;
    this.openedMs = this.clock.monotonic();
    this.trouble = null;
    this.mayRead = this.reads;
    if (this.reads) void this.costs.follow(session);
  }

  /** Whether what was refused is worth another try. Where no uptime is told, an absence and a start are signs of another start. */
  private isAnew({ atMs, version, startedMs }: Refused, look: HttpLook): boolean {
    if (this.clock.monotonic() - atMs >= REFUSED_MS || isStarting(look, null)) return true;
    if (look.kind !== 'open') return look.kind === 'unreachable' && startedMs === null;
    const started = this.startedMs(look);
    return look.version !== version || (started !== null && startedMs !== null && Math.abs(started - startedMs) > START_MS);
  }

  private startedMs(look: HttpLook): number | null {
    return look.kind === 'open' && look.uptimeMs !== null ? this.clock.monotonic() - look.uptimeMs : null;
  }

  private leave(session: OpenClawSession): void {
    this.session = null;
    session.close();
  }

  private lost(session: OpenClawSession, trouble: Trouble, look: HttpLook): void {
    if (this.session !== session || this.isStopped) return;
    this.session = null;
    this.downSince = new Map();
    this.trouble = trouble;
    const now = this.clock.monotonic();
    const version = look.kind === 'open' ? look.version : null;
    this.refused = REFUSED.includes(trouble.kind) ? { atMs: now, version, startedMs: this.startedMs(look) } : null;
    this.notBeforeMs = now + (trouble.retryAfterMs ?? 0);
    if (session.hello !== null) this.wake(); // It was open: what became of the gateway is to be seen now.
  }

  private async health(): Promise<HealthFacts | null> {
    const health = (await this.session?.ask('health')) ?? null;
    return health === null ? null : healthFacts(health);
  }

  /** A channel is down since it was first seen so here, or longer by the times of the gateway. */
  private channels(health: HealthFacts | null): ChannelReport[] {
    if (health === null) return [];
    const now = this.clock.monotonic();
    const since = ({ name, downMs }: ChannelFacts): number => Math.min(this.downSince.get(name) ?? now, now - downMs);
    this.downSince = new Map(health.channels.filter(({ connected }) => connected === false).map((one) => [one.name, since(one)]));
    return health.channels.map(({ name, connected, lifecycle, error }) => {
      const sinceMs = this.downSince.get(name);
      return { name, connected, lifecycle, error, down_ms: sinceMs === undefined ? null : now - sinceMs };
    });
  }

  private async pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    const stop = this.clock.after(ms, resolve);
    await promise;
    stop();
    this.wake = (): void => undefined;
  }
}
