import type { GatewayReport } from '../../../../libs/edge/src/tunnel.protocol.js';
import type { Clock } from '../clock.js';
import type { DayCost } from '../outbox.js';
import { gatewayReport } from './gateway-report.js';
import { type HttpLook, lookOverHttp } from './http-look.js';
import { type HealthFacts, dayCost, healthFacts, sessionCount } from './projection.js';
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
const COUNT_MS = 60_000;
const COST_MS = 300_000;
/** A gateway that still counts is asked again sooner. */
const COST_AGAIN_MS = 10_000;
const DAY_MS = 86_400_000;
/** So far back it is made up for what was not known in time. */
const MAX_DAYS = 8;
/** What no other token, and no other version of either side, has changed: asking again would only lock us out. */
const FINAL: readonly Trouble['kind'][] = ['unauthorised', 'pairing_required', 'protocol_mismatch'];

/** What is worth a report of its own. */
const gist = (report: GatewayReport): string => JSON.stringify({ ...report, uptime_ms: null, latency_ms: null });
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/**
 * Keeps looking at one gateway: every 30 s while it is well, else after 1, 2, 4 ... 30 s. A round asks over HTTP, then opens a session if
 * there is a token and none is open, then asks for what the session allows. A refused token is not tried again: ten of them would lock
 * this address out at the gateway. It takes a new token (a new watch) or another version of the gateway.
 */
export class GatewayWatch {
  report: GatewayReport | null = null;
  private session: OpenClawSession | null = null;
  private trouble: Trouble | null = null;
  private refusedBy: string | null = null;
  /** Of `Clock.monotonic`, as all times here that are not days. */
  private notBeforeMs = 0;
  private sessions: { count: number | null; atMs: number } | null = null;
  private costDueMs = 0;
  private costAskedOn: string | null = null;
  private costSince: string | null;
  /** As the last session had it; null: there was none. */
  private mayRead: boolean | null = null;
  private failures = 0;
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
    this.costSince = gateway.costSince;
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
      const isWell = await this.round();
      this.first.resolve();
      this.failures = isWell ? 0 : this.failures + 1;
      const waitMs = isWell ? LOOK_MS : Math.min(LOOK_MS, AGAIN_MS * 2 ** (this.failures - 1));
      if (!this.isStopped) await this.pause(Math.min(waitMs, Math.max(AGAIN_MS, this.costInMs())));
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

  private async round(): Promise<boolean> {
    const look = await this.look();
    if (this.isStopped) return false;
    await this.connect(look);
    const health = await this.health();
    await this.count();
    await this.costs();
    if (this.isStopped) return false;
    const hello = this.session?.hello ?? null;
    const session = hello === null ? null : { hello, health, sessions: this.sessions?.count ?? null };
    const before = this.report;
    this.report = gatewayReport({ name: this.name, look, session, trouble: this.trouble });
    this.listener.seen(this.report, before === null || gist(before) !== gist(this.report));
    const waits = this.trouble === null || FINAL.includes(this.trouble.kind) || this.trouble.kind === 'rate_limited';
    return look.kind === 'open' && this.report.state !== 'starting' && this.report.state !== 'not_ready' && waits;
  }

  private async look(): Promise<HttpLook> {
    const late = new AbortController();
    const stop = this.clock.after(LOOK_TIMEOUT_MS, () => late.abort());
    try {
      return await lookOverHttp(this.gateway.url, AbortSignal.any([late.signal, this.abort.signal]));
    } finally {
      stop();
    }
  }

  private async connect(look: HttpLook): Promise<void> {
    if (this.session !== null || this.gateway.token === null || look.kind !== 'open' || look.startup === 'draining') return;
    if (this.refusedBy === (look.version ?? '') || this.clock.monotonic() < this.notBeforeMs) return;
    const session = new OpenClawSession({ url: this.gateway.url, token: this.gateway.token, version: this.version, clock: this.clock });
    this.session = session;
    void session.ended.then((trouble) => this.lost(session, trouble, look.version ?? ''));
    await session.ready();
    if (session.hello === null) return;
    this.trouble = this.refusedBy = null;
    this.mayRead = this.reads;
  }

  private lost(session: OpenClawSession, trouble: Trouble, version: string): void {
    if (this.session !== session || this.isStopped) return;
    this.session = this.sessions = null;
    this.trouble = trouble;
    this.refusedBy = FINAL.includes(trouble.kind) ? version : null;
    this.notBeforeMs = this.clock.monotonic() + (trouble.retryAfterMs ?? 0);
    if (session.hello !== null) this.wake(); // It was open: what became of the gateway is to be seen now.
  }

  private async health(): Promise<HealthFacts | null> {
    const health = (await this.session?.ask('health')) ?? null;
    return health === null ? null : healthFacts(health);
  }

  private async count(): Promise<void> {
    if (this.session === null || (this.sessions !== null && this.clock.monotonic() - this.sessions.atMs < COUNT_MS)) return;
    const listed = await this.session.ask('sessions.list', { limit: 1 });
    if (listed !== null) this.sessions = { count: sessionCount(listed), atMs: this.clock.monotonic() };
  }

  /** Today's cost, and that of the days before it until each is known as it was at its end. */
  private async costs(): Promise<void> {
    const now = this.clock.now();
    const today = dayOf(now);
    const atMs = this.clock.monotonic();
    if (!this.reads || (atMs < this.costDueMs && this.costAskedOn === today)) return;
    this.costAskedOn = today;
    const days = Array.from({ length: MAX_DAYS }, (_, ago) => dayOf(now - ago * DAY_MS)).filter((day) => day >= (this.costSince ?? today));
    const known = await Promise.all(days.map((day) => this.costOf(day)));
    if (known.every(Boolean)) this.costSince = today;
    this.costDueMs = atMs + (known.every(Boolean) ? COST_MS : COST_AGAIN_MS);
  }

  private async costOf(day: string): Promise<boolean> {
    const cost = dayCost(await this.session?.ask('usage.cost', { startDate: day, endDate: day, mode: 'utc', agentScope: 'all' }));
    if (cost !== null) this.listener.cost(this.name, day, cost);
    return cost !== null;
  }

  private costInMs(): number {
    const midnightInMs = DAY_MS - (this.clock.now() % DAY_MS);
    return this.reads ? Math.min(this.costDueMs - this.clock.monotonic(), midnightInMs) : LOOK_MS;
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
