import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { CALLS, type EventStore, FACTS, LogUnavailable } from '@app/event-store';
import { newEvent } from '@app/kernel';
import { type ComponentId, ProbeSent } from '../events/index.js';
import { PROBER } from '../runtime/change-retry-queue.js';
import type { Probe } from '../runtime/probe.js';
import { type Failed, type Finding, type Measured, type ProbeResult, answered, failed } from '../runtime/probe-result.js';
import { get } from './http.js';
import { networkFailure } from './network-failure.js';

export interface NatsTarget {
  readonly store: Pick<EventStore, 'nc' | 'info' | 'telemetry'> & Partial<Pick<EventStore, 'diskFull'>>;
  /** `http://host:8222`; null: nobody said where the server's monitor is. */
  readonly monitorUrl: string | null;
  /** How often it is looked at as a whole; in between, only whether it answers. 0: always. */
  readonly wholeEveryMs: number;
  readonly timeoutMs: number;
}

/**
 * The log: whether it keeps an event and says so, how full it is, and whether what it acknowledges is on the disk. Uses the
 * connection of this process, and does not close it: that it is cut is what the process itself suffers from.
 */
export class NatsProbe implements Probe {
  private lastWholeMs = -Infinity;
  private lastWhole: { readonly measured: Measured[]; readonly findings: Finding[] } = { measured: [], findings: [] };
  private isConnected = true;

  constructor(private readonly target: NatsTarget) {
    void this.listen(target.store.nc);
  }

  async look(signal: AbortSignal): Promise<ProbeResult> {
    const { store } = this.target;
    const shown = `nats://${store.nc.getServer()}`;
    if (!this.isConnected) return failed('connect_refused', `The connection to ${shown} is lost; it is tried again all the time.`);
    try {
      const begun = performance.now();
      if (store.diskFull !== undefined) return failed('queue_backlog', store.diskFull);
      if (begun - this.lastWholeMs < this.target.wholeEveryMs) await store.info(FACTS);
      else await store.telemetry.keep(newEvent(ProbeSent, { component_id: 'nats' as ComponentId }), PROBER, this.target.timeoutMs);
      const latencyMs = performance.now() - begun;
      return answered(latencyMs, { ...(await this.whole(begun, signal)), version: store.nc.info?.version ?? null });
    } catch (error) {
      return failureOf(error, shown);
    }
  }

  async close(): Promise<void> {}

  private async whole(nowMs: number, signal: AbortSignal): Promise<NatsProbe['lastWhole']> {
    if (nowMs - this.lastWholeMs < this.target.wholeEveryMs) return this.lastWhole;
    const [measured, durability] = await Promise.all([this.fullness(), this.durability(signal)]);
    this.lastWhole = { measured, findings: durability === undefined ? [] : [durability] };
    this.lastWholeMs = nowMs;
    return this.lastWhole;
  }

  /** What refuses more when it is full: facts, calls, and all that the account may keep, each where it has a limit. */
  private async fullness(): Promise<Measured[]> {
    const { store, timeoutMs } = this.target;
    const streams = await Promise.all([FACTS, CALLS].map((name) => store.info(name)));
    const jsm = await jetstreamManager(store.nc, { checkAPI: false, timeout: timeoutMs });
    const account = await jsm.getAccountInfo();
    return [
      ...streams.flatMap(({ state, config }) => share(state.bytes, config.max_bytes, `The stream ${config.name}`)),
      ...share(account.storage, account.limits.max_storage, 'The disk space of JetStream'),
    ].sort((a, b) => b.value - a.value);
  }

  private async durability(signal: AbortSignal): Promise<Finding | undefined> {
    const { monitorUrl } = this.target;
    if (monitorUrl === null) return unverified('NATS_MONITOR_URL is not set');
    const answer = await get(`${monitorUrl.replace(/\/$/, '')}/varz`, signal).catch(() => undefined);
    const config = (answer?.json as Varz | undefined)?.jetstream?.config;
    if (config === undefined) return unverified('its monitor does not say');
    if (config.sync_always === true) return undefined;
    const detail =
      'NATS acknowledges facts before they are on the disk: set jetstream { sync_interval: always }, or a power failure loses some.';
    return { colour: 'amber', reason: 'sync_stale', detail };
  }

  private async listen(nc: NatsConnection): Promise<void> {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect') this.isConnected = false;
      if (type === 'reconnect') this.isConnected = true;
    }
    this.isConnected = false;
  }
}

interface Varz {
  readonly jetstream?: { readonly config?: { readonly sync_always?: boolean } };
}

const share = (used: number, limit: number, of: string): (Measured & { of: string })[] =>
  limit > 0 ? [{ gauge: 'storage', value: used / limit, of }] : [];

const unverified = (why: string): Finding => ({
  colour: 'amber',
  reason: 'observer_unhealthy',
  detail: `Whether NATS puts facts on the disk before it acknowledges them is not verified: ${why}.`,
});

function failureOf(thrown: unknown, shown: string): Failed {
  const error = thrown instanceof LogUnavailable ? thrown.cause : thrown;
  if (error instanceof JetStreamApiError) return failed('error_rate', `${shown} refuses to keep or to tell: ${error.message}.`);
  const { name, message } = error as { name?: unknown; message?: unknown };
  if (name === 'TimeoutError') return failed('heartbeat_timeout', `${shown} did not acknowledge in time.`);
  return networkFailure(error, shown) ?? failed('error_rate', `${shown} does not serve JetStream: ${String(message)}.`);
}
