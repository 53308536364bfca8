import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { federation } from '@app/federation';
import { DEFAULT_SIZES, type EventStore, type StreamSizes } from '@app/event-store';
import { type Instant, Position, type TelemetryClass, asId, newEvent } from '@app/kernel';
import { type Access, foldsOf, openPlumbing, setUp } from '@app/process';
import { Projector } from '@app/read-store';
import { readable } from '@app/read-store/testing';
import { CONTEXTS } from '@app/contexts';
import type { NatsAccess } from '@app/runtime';

const FOLDS = foldsOf(CONTEXTS);
const CAUGHT_UP_MS = 30_000;
const READ_FROM = {
  fact: { stream: 'FACTS', name: 'facts' },
  call: { stream: 'CALLS', name: 'calls' },
  telemetry: { stream: 'TELEMETRY', name: 'telemetry' },
} as const;
const { PeerRegistered, CallAccepted } = federation.events;
const SAMPLES = CONTEXTS.flatMap(({ events }) => Object.values(events)).filter(
  (event): event is TelemetryClass & { example: object } => (event as Partial<TelemetryClass>).kind === 'telemetry',
);

/** Where a system is. */
export interface Servers {
  readonly nats: NatsAccess;
  readonly databaseUrl: string;
}

/** The log and the projectors of all contexts on these servers, without an API. */
export interface WholeSystem {
  readonly store: EventStore;
  readonly db: DataSource;
  /** Appends a fact, a call or a sample of any kind; resolves when it is acknowledged, to its stream and sequence. */
  fact(secretId?: string): Promise<Acknowledged>;
  call(): Promise<Acknowledged>;
  sample(): Promise<Acknowledged>;
  /** Resolves when every table is at the end of the log. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

export interface Acknowledged {
  readonly stream: 'FACTS' | 'CALLS' | 'TELEMETRY';
  readonly seq: number;
}

const accessTo = ({ nats, databaseUrl }: Servers, sizes: StreamSizes): Access => ({ nats, databaseUrl, sizes, logLevel: 'silent' });

export async function setUpSystem(servers: Servers, sizes: StreamSizes = DEFAULT_SIZES): Promise<void> {
  await setUp(servers.nats, accessTo(servers, sizes), CONTEXTS);
}

/** Opens what a set-up made. Resolves when every table can be read. */
export async function openSystem(servers: Servers, sizes: StreamSizes = DEFAULT_SIZES): Promise<WholeSystem> {
  const plumbing = await openPlumbing('test', accessTo(servers, sizes), CONTEXTS);
  const { store, pool, progress } = plumbing;
  const projectors = FOLDS.map((fold) => new Projector(fold, store, pool, () => undefined));
  for (const projector of projectors) projector.start();
  await readable(progress, FOLDS);
  let samples = 0;
  const at = (stream: Acknowledged['stream'], position: string): Acknowledged => ({ stream, seq: Number.parseInt(position.slice(1), 10) });
  return {
    store,
    db: plumbing.privateStore,
    fact: async (secret_id = PeerRegistered.example.secret_id) => {
      const id = randomUUID();
      const peer = {
        ...PeerRegistered.example,
        peer_id: asId<typeof PeerRegistered.example.peer_id>(`peer-${id.slice(0, 18)}`),
        remote_peer_id: `inst-${id}`,
        secret_id,
      };
      const event = newEvent(PeerRegistered, peer);
      const expected = new Map([[event.subject, 0]]);
      const appended = await store.appender.append({ commandId: id, actor: 'test', at: now(), events: [event], expected });
      if (appended.outcome !== 'committed') throw new Error(`not committed: ${JSON.stringify(appended)}`);
      return { stream: 'FACTS', seq: appended.position };
    },
    call: async () => {
      const id = randomUUID();
      const event = newEvent(CallAccepted, { ...CallAccepted.example, record_id: id });
      return at('CALLS', await store.calls.record(event, { actor: 'test', id, timeoutMs: 5_000 }));
    },
    sample: async () => {
      const kind = SAMPLES[++samples % SAMPLES.length]!;
      return at('TELEMETRY', (await store.telemetry.keep(newEvent(kind, kind.example), 'test', 5_000)) ?? '');
    },
    caughtUp: async () => {
      for (const { table, reads } of FOLDS) {
        const { stream, name } = READ_FROM[reads[0]!.kind];
        const { last_seq } = (await store.info(stream)).state;
        if (!(await progress.reached(table, new Position({ [name]: last_seq }), CAUGHT_UP_MS)))
          throw new Error(`${table} is not at ${last_seq}`);
      }
    },
    close: async () => {
      await Promise.all(projectors.map((projector) => projector.stop()));
      await plumbing.close();
    },
  };
}

const now = (): Instant => new Date().toISOString() as Instant;
