import { type JetStreamManager, type StreamInfo, jetstreamManager } from '@nats-io/jetstream';
import { LogUnavailable } from './errors.js';
import type { EventStore } from './event-store.js';
import type { Trouble } from './log-check.js';
import { acceptLine } from './log-refusal.js';
import { serverTimeOf } from './nats-clock.js';
import { hasQuorum } from './quorum.js';
import { withUnavailable } from './unavailable.js';
import { isWeaker } from './stream-strength.js';
import { FACTS, KEPT_STREAMS, type KeptStream, type StreamSizes, declared, differencesIn, infoOf, wordsOf } from './streams.js';

/** The NATS server that this process is connected to, and whether FACTS takes writes. */
export interface LogServerObservation {
  /** `nats://host:port`, without credentials. */
  readonly server: string;
  readonly version: string | null;
  readonly roundTripMs: number;
  /** Whether FACTS takes writes; `silent`: its leader does not answer. A stream that is missing is found by `streams`. */
  readonly facts: 'led' | 'no-majority' | 'silent' | 'missing';
  /** Of FACTS; 1: no cluster. */
  readonly replicas: number;
}

/** One stream of this release as the server has it. */
export interface StreamObservation {
  readonly name: string;
  /** null: there is no such stream. */
  readonly state: StreamStateObservation | null;
}

export interface StreamStateObservation {
  readonly bytes: number;
  /** null: no limit. */
  readonly maxBytes: number | null;
  /** Whether a full stream refuses what is new; else it drops what is oldest. */
  readonly refusesWhenFull: boolean;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Sequences between the first and the last that are not there. */
  readonly missing: number;
  /** `max_age is 1, not 0`, without the name of the stream. */
  readonly differences: readonly { readonly words: string; readonly isWeaker: boolean }[];
}

/** How a stream whose history is checked stands with this process. */
export interface StreamCondition {
  readonly stream: KeptStream;
  readonly incarnation: string;
  readonly isOpen: boolean;
  /** Why it is closed; null: it is open, or not checked yet. */
  readonly trouble: Pick<Trouble, 'code' | 'detail'> | null;
}

/** A clock that was read over the network: the answer is of some moment between the two of ours. */
export interface ClockRead {
  readonly beforeMs: number;
  readonly theirMs: number;
  readonly afterMs: number;
}

const ASK_MS = 3_000;

/**
 * Looks at the log for whoever searches for a fault: answers what is wrong instead of refusing it. Each method asks the server anew and
 * throws `LogUnavailable` when it does not answer.
 */
export class LogInspector {
  constructor(
    private readonly store: Pick<EventStore, 'nc' | 'diskFull' | 'gate'>,
    private readonly sizes: StreamSizes,
  ) {}

  /** A sentence while the disk of NATS is full, as far as this process can look at it. */
  get diskFull(): string | undefined {
    return this.store.diskFull;
  }

  /** `nats://host:port` of the server that this process is or was last connected to. */
  get address(): string {
    return `nats://${this.store.nc.getServer()}`;
  }

  /** The server answers, even where no leader does. */
  async server(): Promise<LogServerObservation> {
    const { nc } = this.store;
    const begun = performance.now();
    await withUnavailable(() => nc.rtt()); // Fails at once without a connection, where a request would wait for one.
    const roundTripMs = performance.now() - begun;
    return {
      server: this.address,
      version: nc.info?.version ?? null,
      roundTripMs,
      facts: await this.facts(),
      replicas: this.sizes.replicas,
    };
  }

  private async facts(): Promise<LogServerObservation['facts']> {
    try {
      const info = await this.infoOf(FACTS);
      if (info === undefined) return 'missing';
      return hasQuorum(info) ? 'led' : 'no-majority';
    } catch (error) {
      if (error instanceof LogUnavailable) return 'silent';
      throw error;
    }
  }

  async streams(): Promise<StreamObservation[]> {
    return Promise.all(
      declared(this.sizes).map(async (wanted) => {
        const info = await this.infoOf(wanted.name);
        if (info === undefined) return { name: wanted.name, state: null };
        const differences = differencesIn(wanted, info.config).map((one) => ({
          words: `${one.field} ${wordsOf(one)}`,
          isWeaker: isWeaker(one),
        }));
        return { name: wanted.name, state: { ...stateOf(info), differences } };
      }),
    );
  }

  /** As this process found it when it was last checked; nothing is asked. */
  condition(): StreamCondition[] {
    const { gate } = this.store;
    const troubles = gate.troubles();
    return KEPT_STREAMS.map((stream) => ({
      stream,
      incarnation: gate.incarnationOf(stream),
      isOpen: gate.isOpen(stream),
      trouble: troubles.find((one) => one.stream === stream) ?? null,
    }));
  }

  /** The line that accepts the log as it is, on the host. */
  get acceptLine(): string {
    return acceptLine(this.store.gate.instanceId);
  }

  /** The clock of the server that leads FACTS. `wallMs`: the one it is compared with. */
  async clock(wallMs: () => number): Promise<ClockRead> {
    const beforeMs = wallMs();
    const info = await this.infoOf(FACTS);
    const afterMs = wallMs();
    if (info === undefined) throw new Error('FACTS is missing, which is asked for the time of NATS');
    return { beforeMs, theirMs: serverTimeOf(info), afterMs };
  }

  private async infoOf(name: string): Promise<StreamInfo | undefined> {
    const jsm = await this.manager();
    return withUnavailable(() => infoOf(jsm, name));
  }

  private manager(): Promise<JetStreamManager> {
    return jetstreamManager(this.store.nc, { checkAPI: false, timeout: ASK_MS });
  }
}

const stateOf = ({ state, config }: StreamInfo): Omit<StreamStateObservation, 'differences'> => ({
  bytes: state.bytes,
  maxBytes: config.max_bytes > 0 ? config.max_bytes : null,
  refusesWhenFull: (config.discard as string) === 'new',
  firstSeq: state.first_seq,
  lastSeq: state.last_seq,
  missing: state.messages === 0 ? 0 : state.last_seq - state.first_seq + 1 - state.messages,
});
