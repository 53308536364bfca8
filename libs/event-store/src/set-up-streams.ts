import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import { ulid } from 'ulid';
import type { InstanceIdentity } from './identity.js';
import { type LogMarks, type LogRecord, type Mark, NO_MARK, type StreamMark } from './log-marks.js';
import { markAt } from './mark-of.js';
import {
  type Declared,
  FACTS,
  KEPT_STREAMS,
  type KeptStream,
  StreamDrift,
  type StreamSizes,
  TELEMETRY,
  declared,
  driftOf,
  identityIn,
  infoOf,
  isKept,
} from './streams.js';

/** What a set-up left: who the instance is, and why its log cannot be used; null: it can. */
export type SetUp = InstanceIdentity & { readonly trouble: 'log.missing' | 'private.missing' | null };

type Infos = ReadonlyMap<string, StreamInfo | undefined>;

/**
 * Makes the streams that are missing and brings the others to the declared settings; run by one process at a time, before all others.
 *
 *   outside nothing is known, and there is no FACTS -------> a new instance: streams, then the record outside, then the marks on the streams
 *   outside nothing is known, FACTS bears no mark ---------> data of an earlier release: identity and marks are taken from what is there
 *   outside nothing is known, FACTS bears a mark ----------> `private.missing`: nothing is made
 *   an identity is known, FACTS or CALLS is missing or
 *   of another instance -----------------------------------> `log.missing`: nothing is made
 *   an identity is known, all are there -------------------> settings are brought up to date
 *
 * A crash between two steps of a new instance leaves streams without a mark, which the next set-up takes for data of an earlier release.
 */
export async function setUpStreams(jsm: JetStreamManager, sizes: StreamSizes, marks: LogMarks): Promise<SetUp> {
  const all = declared(sizes);
  const infos: Infos = new Map(await Promise.all(all.map(async ({ name }) => [name, await infoOf(jsm, name)] as const)));
  const facts = infos.get(FACTS);
  const known = await marks.read();
  if (known === null) {
    if (facts !== undefined && identityIn(facts.config).isMarked) return { ...identityOf(facts), trouble: 'private.missing' };
    const identity = facts === undefined ? { instance_id: `inst-${ulid().toLowerCase()}`, incarnation: ulid() } : identityOf(facts);
    await bring(jsm, all, infos, ({ name }) => (name === FACTS ? metadataOf(identity.instance_id, identity.incarnation) : {}));
    await marks.create(await firstRecord(jsm, identity, marks));
    return setUpStreams(jsm, sizes, marks);
  }
  const identity = { instance_id: known.instance_id, incarnation: known.streams.FACTS.incarnation };
  const isLost = KEPT_STREAMS.some((name) => name !== TELEMETRY && !isOf(infos.get(name), known.instance_id, name));
  if (isLost) return { ...identity, trouble: 'log.missing' };
  await bring(jsm, all, infos, ({ name }) =>
    isKept(name) && isSame(infos.get(name), known, name)
      ? { ...metadataOf(known.instance_id, known.streams[name].incarnation), marked: '1' }
      : (infos.get(name)?.config.metadata ?? {}),
  );
  return { ...identity, trouble: null };
}

/** Makes what is missing, and changes what is otherwise than declared. */
export async function bring(
  jsm: JetStreamManager,
  all: readonly Declared[],
  infos: Infos,
  metadataFor: (config: Declared) => Record<string, string>,
): Promise<void> {
  for (const config of all) {
    const info = infos.get(config.name);
    const metadata = metadataFor(config);
    if (info === undefined) await jsm.streams.add({ ...config, metadata });
    else if (driftOf(config, info.config).length > 0 || !includes(info.config.metadata, metadata))
      await jsm.streams.update(config.name, { ...config, metadata: { ...info.config.metadata, ...metadata } });
  }
}

const includes = (there: Record<string, string> = {}, wanted: Record<string, string>): boolean =>
  Object.entries(wanted).every(([name, value]) => there[name] === value);

const metadataOf = (instance_id: string, incarnation: string): Record<string, string> => ({ instance_id, incarnation });

/** Throws `StreamDrift` when the log bears no identity: then no set-up made it. */
function identityOf({ config }: StreamInfo): InstanceIdentity {
  const { instance_id, incarnation } = identityIn(config);
  if (instance_id === undefined || incarnation === undefined)
    throw new StreamDrift([`${FACTS} has no instance_id and incarnation in its metadata`]);
  return { instance_id, incarnation };
}

/** Whether a stream is there and is this instance's. Of an earlier release only FACTS says whose it is. */
function isOf(info: StreamInfo | undefined, instanceId: string, name: string): boolean {
  if (info === undefined) return false;
  const { instance_id } = identityIn(info.config);
  return instance_id === instanceId || (instance_id === undefined && name !== FACTS);
}

/** Whether the metadata of a stream may be brought up to date: those of another history are evidence, and stay. */
function isSame(info: StreamInfo | undefined, known: LogRecord, name: KeptStream): boolean {
  if (info === undefined || name === TELEMETRY) return true; // What TELEMETRY lost is resumed, see `LogGate`.
  const { incarnation } = identityIn(info.config);
  return incarnation === undefined || incarnation === known.streams[name].incarnation;
}

/** What an instance knows of its streams at its first start: where they end now, and how far readers say that they went. */
async function firstRecord(jsm: JetStreamManager, { instance_id, incarnation }: InstanceIdentity, marks: LogMarks): Promise<LogRecord> {
  const of = async (stream: KeptStream): Promise<StreamMark> => {
    const { state } = await jsm.streams.info(stream);
    const read = await marks.highestRead(stream);
    const end = (await markAt(jsm, stream, state.last_seq)) ?? { ...NO_MARK, sequence: state.last_seq };
    const mark: Mark = read > state.last_seq ? { ...NO_MARK, sequence: read } : end;
    return {
      stream,
      incarnation,
      begins_after: 0,
      mark,
      state: 'open',
      trouble: null,
      next_incarnation: null,
      accepted_at: null,
      restored_at: null,
    };
  };
  const [FACTS, CALLS, TELEMETRY] = await Promise.all([of('FACTS'), of('CALLS'), of('TELEMETRY')]);
  return { instance_id, streams: { FACTS, CALLS, TELEMETRY } };
}
