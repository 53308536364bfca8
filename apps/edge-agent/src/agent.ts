import { randomUUID } from 'node:crypto';
import type { GatewayReport, ServerFrame, Welcome } from '../../../libs/edge/src/tunnel.protocol.js';
import { Backoff } from './backoff.js';
import type { Clock } from './clock.js';
import type { RunningStatus } from './control.js';
import { messageOf } from './failure.js';
import { Host } from './host.js';
import { introduction } from './introduction.js';
import { GatewayWatch } from './openclaw/gateway-watch.js';
import { type DayCost, type Kept, RetryQueue } from './retry-queue.js';
import { saidTo } from './said-to.js';
import { ServerKey } from './server-key.js';
import type { Identity, State } from './state.js';
import { type Ending, type GoodbyeReason, Tunnel, nextStep } from './tunnel.js';

export interface AgentOptions {
  state: State;
  version: string;
  /** When the process started: milliseconds since 1970. */
  startedAtMs: number;
  clock: Clock;
  random: () => number;
  /** Takes lines for whoever reads the log. Nothing secret is in them. */
  say: (line: string) => void;
}

/** The first round of looking may take so long before the server is dialled without it. */
const FIRST_LOOK_MS = 3_000;
/** Changes that come together are reported together. */
const GATHER_MS = 250;

/**
 * Watches its gateways from start to end, and keeps a tunnel to its server: dials, is connected as long as it goes, waits as `Backoff`
 * says, dials again. With every new tunnel it tells everything, then what changes, and everything again at each sync.
 */
export class Agent {
  private readonly identity: Identity;
  private readonly retryQueue: RetryQueue;
  private readonly host: Host;
  private readonly backoff: Backoff;
  private readonly watches: readonly GatewayWatch[];
  private readonly bootId = randomUUID();
  private readonly serverKey: ServerKey;
  private tunnel: Tunnel | null = null;
  private welcome: Welcome | null = null;
  private seq = 0;
  private acked = 0;
  /** Gateways that changed since they were reported. */
  private readonly changed = new Set<string>();
  private isAllDue = true;
  private stopGather: (() => void) | null = null;
  private stopSync = (): void => undefined;
  private isStopped = false;
  private wake = (): void => undefined;
  private told: Pick<RunningStatus, 'tunnel' | 'since' | 'sentence' | 'next_attempt_at'>;

  /** Throws `Failure` when the state is not that of an agent. */
  constructor(private readonly options: AgentOptions) {
    const { state, clock, version, random } = options;
    this.identity = state.identity();
    this.retryQueue = new RetryQueue(this.kept());
    this.host = new Host(state.path);
    this.serverKey = new ServerKey(state, () => this.now(), options.say);
    this.backoff = new Backoff(random);
    this.told = { tunnel: 'connecting', since: this.now(), sentence: null, next_attempt_at: null };
    const tokens = state.tokens();
    const listener = {
      seen: (report: GatewayReport, isNews: boolean) => this.seen(report, isNews),
      cost: (name: string, day: string, cost: DayCost) => this.cost(name, day, cost),
    };
    this.watches = this.identity.gateways.map(
      ({ name, url }) =>
        new GatewayWatch({ name, url, token: tokens[name] ?? null, costSince: this.retryQueue.since(name) }, version, clock, listener),
    );
  }

  /** Resolves when it was stopped and everything is closed. Throws `Failure` when the key cannot be read. */
  async run(): Promise<void> {
    const key = this.options.state.key();
    const watching = this.watches.map((watch) => watch.run());
    await Promise.race([Promise.all(this.watches.map(({ looked }) => looked)), this.pause(FIRST_LOOK_MS)]);
    this.wake();
    while (!this.isStopped) {
      const ending = await this.connection(key);
      if (!this.isStopped) await this.rest(ending);
    }
    await Promise.all(watching);
    this.keep();
  }

  /** Says goodbye, closes everything, and lets `run` come to its end. `backS`: in how many seconds it comes back. */
  async stop(reason: GoodbyeReason, backS: number | null): Promise<void> {
    this.isStopped = true;
    this.stopGather?.();
    for (const watch of this.watches) watch.stop();
    await this.tunnel?.goodbye(reason, backS);
    this.wake();
  }

  get status(): RunningStatus {
    const { agent_id, server } = this.identity;
    return {
      pid: process.pid,
      agent_id,
      server,
      ...this.told,
      rtt_ms: this.tunnel?.rttMs ?? null,
      outbox: this.retryQueue.state,
      gateways: this.gateways,
      server_key: this.serverKey.status,
    };
  }

  private get gateways(): GatewayReport[] {
    return this.watches.map(({ report }) => report).filter((report) => report !== null);
  }

  private now(): string {
    return new Date(this.options.clock.now()).toISOString();
  }

  /** From dialling to the end of that connection. */
  private connection(key: ReturnType<State['key']>): Promise<Ending> {
    this.told = { ...this.told, tunnel: 'connecting', next_attempt_at: null };
    return new Promise((ended) => {
      const { version, startedAtMs } = this.options;
      const hello = () => introduction(this.identity, { bootId: this.bootId, version, startedAtMs }, this.acked);
      const dial = { server: this.identity.server, key, hello };
      const tunnel = new Tunnel(dial, this.options.clock, {
        welcomed: (welcome) => this.welcomed(tunnel, welcome),
        heard: (frame) => this.heard(frame),
        unsent: (why) => this.options.say(`A frame was not sent, since the server would not take it: ${why}.`),
        ended: (ending) => {
          this.stopSync();
          this.tunnel = this.welcome = null;
          this.retryQueue.lost();
          ended(ending);
        },
      });
      this.tunnel = tunnel;
    });
  }

  private async rest(ending: Ending): Promise<void> {
    const waitMs = this.backoff.after(ending);
    const { clock, say } = this.options;
    const next_attempt_at = new Date(clock.now() + waitMs).toISOString();
    const isNews = this.told.sentence !== ending.sentence;
    this.told = { tunnel: 'waiting', since: isNews ? this.now() : this.told.since, sentence: ending.sentence, next_attempt_at };
    say(`${ending.sentence} Trying again in ${(waitMs / 1000).toFixed(1)} s.`);
    const next = nextStep(ending);
    if (next !== undefined && isNews) say(`next: ${next}`);
    await this.pause(waitMs);
  }

  private welcomed(tunnel: Tunnel, welcome: Welcome): void {
    this.welcome = welcome;
    this.told = { tunnel: 'connected', since: this.now(), sentence: null, next_attempt_at: null };
    this.options.say(`Connected to ${this.identity.server} as ${this.identity.agent_id}.`);
    this.serverKey.welcomed(welcome.instance_key);
    const sync = (): void => {
      this.isAllDue = true;
      void this.tell(tunnel);
      this.stopSync = this.options.clock.after(welcome.sync_s * 1000, sync);
    };
    sync();
  }

  private heard(frame: Exclude<ServerFrame, { type: 'challenge' | 'welcome' | 'heartbeat_ack' }>): void {
    switch (frame.type) {
      case 'ack':
        this.acked = Math.max(this.acked, Math.min(frame.seq, this.seq));
        this.retryQueue.acked(this.acked);
        if (!frame.full) return;
        this.isAllDue = true;
        return this.gather();
      case 'call':
        return this.tunnel?.send({
          type: 'result',
          id: frame.id,
          ok: frame.method === 'ping',
          sentence: frame.method === 'ping' ? 'pong' : 'This agent does not know that method.',
        });
      case 'error':
        return this.options.say(`The server says: ${frame.sentence} (${frame.code})`);
    }
  }

  private seen({ name }: GatewayReport, isNews: boolean): void {
    if (!isNews) return;
    this.changed.add(name);
    if (this.tunnel?.isOpen === true) this.gather();
    else this.retryQueue.report();
  }

  private cost(name: string, day: string, cost: DayCost): void {
    if (!this.retryQueue.cost(day, name, cost)) return;
    this.keep();
    this.gather();
  }

  private gather(): void {
    if (this.isStopped) return;
    this.stopGather ??= this.options.clock.after(GATHER_MS, () => {
      this.stopGather = null;
      if (this.tunnel !== null) void this.tell(this.tunnel);
    });
  }

  /** Tells the server what it does not know yet. */
  private async tell(tunnel: Tunnel): Promise<void> {
    const host = await this.host.measure();
    if (this.tunnel !== tunnel || !tunnel.isOpen) return; // Another one will.
    if (this.isAllDue || this.changed.size > 0) {
      const due = this.isAllDue ? this.gateways : this.gateways.filter(({ name }) => this.changed.has(name));
      const gateways = due.map((gateway) => saidTo(this.welcome ?? {}, gateway));
      const desired_version = this.welcome?.desired.version ?? null;
      const type = this.isAllDue ? 'report_full' : 'report';
      this.retryQueue.reported();
      tunnel.send({ type, seq: ++this.seq, sent_at: this.now(), desired_version, gateways, host, outbox: this.retryQueue.state });
      this.isAllDue = false;
      this.changed.clear();
    }
    for (const cost of this.retryQueue.take(
      () => ++this.seq,
      (names) => this.isFresh(names),
    ))
      tunnel.send(cost);
  }

  /** Whether these are all gateways that are to be read, and each of them is read now. */
  private isFresh(names: readonly string[]): boolean {
    const isSaid = ({ name }: GatewayWatch): boolean => names.includes(name);
    const readInProgress = this.watches.filter(({ reads }) => reads).map(({ name }) => name);
    return names.every((name) => readInProgress.includes(name)) && this.watches.every((watch) => !watch.isToBeRead || isSaid(watch));
  }

  /** What an agent before this one could not tell; losing it is no reason not to start. */
  private kept(): Kept | undefined {
    try {
      return this.options.state.retryQueue() ?? undefined;
    } catch (error) {
      this.options.say(`${messageOf(error)}. What it held is not told; the agent begins with none.`);
      return undefined;
    }
  }

  /** On disk, so that what a day cost is not forgotten with the process. */
  private keep(): void {
    try {
      this.options.state.keepRetryQueue(this.retryQueue.kept);
    } catch (error) {
      this.options.say(`${messageOf(error)}. What it cost so far is lost when this process ends.`);
    }
  }

  private async pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    const stop = this.options.clock.after(ms, resolve);
    await promise;
    stop();
    this.wake = (): void => undefined;
  }
}
