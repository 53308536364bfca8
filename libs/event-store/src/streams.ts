import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
  JetStreamApiError,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { InstanceIdentity } from './identity.js';
import { NONCE_BUCKET, REMEMBERED_MS } from './nonce-store.js';

const HOUR_MS = 3_600_000;
/** Thirteen months: a year can be compared with the one before. */
const KEEP_CALLS_MS = 396 * 24 * HOUR_MS;
const GIB = 1024 ** 3;

/** Streams as code. What differs by site is the number of replicas, and how much disk facts and calls may take. */
export interface StreamSizes {
  /** 1 on a single node, 3 on a cluster. */
  readonly replicas: number;
  readonly factsMaxBytes: number;
  readonly callsMaxBytes: number;
}
export const DEFAULT_SIZES: StreamSizes = { replicas: 1, factsMaxBytes: 10 * GIB, callsMaxBytes: 10 * GIB };

export const FACTS = 'FACTS';
export const CALLS = 'CALLS';
export const TELEMETRY = 'TELEMETRY';

/** The streams whose history is checked against what is known of it outside. */
export const KEPT_STREAMS = [FACTS, CALLS, TELEMETRY] as const;
export type KeptStream = (typeof KEPT_STREAMS)[number];
export const isKept = (stream: string): stream is KeptStream => (KEPT_STREAMS as readonly string[]).includes(stream);

export type Declared = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

/**
 * FACTS      the only truth. Kept for ever and never altered: a full disk refuses new facts rather than forget old ones.
 * CALLS      what became of A2A calls: as safe as facts, and kept for thirteen months. A full disk refuses new calls.
 * TELEMETRY  heartbeats and probes, at most 72 h and the last 120 a subject. What is kept of them is rolled up in PostgreSQL.
 * KV_ONCE    a key-value bucket: the nonces of signed requests, for as long as their timestamps would be taken.
 */
export const declared = ({ replicas, factsMaxBytes, callsMaxBytes }: StreamSizes): readonly Declared[] => [
  {
    name: FACTS,
    subjects: ['facts.>'],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    num_replicas: replicas,
    max_bytes: factsMaxBytes,
    max_age: 0,
    max_msgs_per_subject: -1,
    duplicate_window: nanos(120_000),
    deny_delete: true,
    deny_purge: true,
    allow_rollup_hdrs: false,
    allow_direct: true,
    allow_atomic: true,
  },
  {
    name: CALLS,
    subjects: ['calls.>'],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    num_replicas: replicas,
    max_bytes: callsMaxBytes,
    max_age: nanos(KEEP_CALLS_MS),
    duplicate_window: nanos(120_000),
    deny_delete: true,
    deny_purge: true,
    allow_direct: true,
  },
  {
    name: TELEMETRY,
    subjects: ['telemetry.>'],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
    max_bytes: Math.min(GIB, factsMaxBytes),
    max_age: nanos(72 * HOUR_MS),
    max_msgs_per_subject: 120,
    duplicate_window: nanos(120_000),
    allow_direct: true,
  },
  {
    name: `KV_${NONCE_BUCKET}`,
    subjects: [`$KV.${NONCE_BUCKET}.>`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    num_replicas: replicas,
    max_bytes: 256 * 1024 ** 2,
    max_age: nanos(REMEMBERED_MS),
    max_msgs_per_subject: 1,
    duplicate_window: nanos(120_000),
    deny_delete: true,
    allow_rollup_hdrs: true,
    allow_direct: true,
  },
];

/** Not a server's fault but a difference between what this release wants of a stream and what it is. */
export class StreamDrift extends Error {
  readonly code = 'event-store.stream-drift';

  constructor(readonly differences: readonly string[]) {
    super(
      `the streams are not as this release declares them: ${differences.join('; ')}. Run the set-up of this release, or correct them by hand.`,
    );
  }
}

/** Throws `StreamDrift` when a stream is missing, or weaker than this release declares it. A stream of `absent` may be missing. */
export async function verifyStreams(jsm: JetStreamManager, sizes: StreamSizes, absent: readonly string[] = []): Promise<void> {
  const differences: string[] = [];
  for (const config of declared(sizes)) {
    const info = await infoOf(jsm, config.name);
    if (info === undefined && absent.includes(config.name)) continue;
    if (info === undefined) differences.push(`${config.name} is missing`);
    else differences.push(...driftOf(config, info.config));
  }
  if (differences.length > 0) throw new StreamDrift(differences);
}

/** One setting of a stream that is not as this release declares it. */
export interface StreamDifference {
  readonly field: string;
  readonly declared: unknown;
  readonly is: unknown;
}

export const differencesIn = (wanted: Declared, actual: StreamConfig): StreamDifference[] =>
  Object.entries(wanted)
    .map(([field, value]) => ({ field, declared: value as unknown, is: (actual[field as keyof StreamConfig] ?? false) as unknown }))
    .filter((one) => JSON.stringify(one.declared) !== JSON.stringify(one.is));

/** The settings in which `actual` is not as `wanted`: `FACTS.discard is old, not new`. */
export function driftOf(wanted: Declared, actual: StreamConfig): string[] {
  return differencesIn(wanted, actual).map((one) => `${wanted.name}.${one.field} ${wordsOf(one)}`);
}

/** `is "old", not "new"` */
export const wordsOf = ({ declared: value, is }: StreamDifference): string => `is ${JSON.stringify(is)}, not ${JSON.stringify(value)}`;

/** What the metadata of a stream say of whose it is. */
export interface StreamIdentity extends Partial<InstanceIdentity> {
  /** Whether a set-up wrote an identity outside the log as well. */
  readonly isMarked: boolean;
}

export const identityIn = ({ metadata = {} }: StreamConfig): StreamIdentity => ({
  ...(metadata['instance_id'] === undefined ? {} : { instance_id: metadata['instance_id'] }),
  ...(metadata['incarnation'] === undefined ? {} : { incarnation: metadata['incarnation'] }),
  isMarked: metadata['marked'] !== undefined,
});

const STREAM_NOT_FOUND = 10059;

/** undefined: there is no such stream. Throws what the client throws. */
export async function infoOf(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}
