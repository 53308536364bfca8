import type { JetStreamManager, StreamState } from '@nats-io/jetstream';
import type { LogTroubleCode } from './errors.js';
import type { LogRecord, StreamMark } from './log-marks.js';
import { markAt } from './mark-of.js';
import { FACTS, type KeptStream, TELEMETRY, identityIn, infoOf } from './streams.js';

/** Why a stream does not continue what was seen of it. */
export interface Trouble {
  readonly stream: KeptStream;
  readonly code: LogTroubleCode;
  /** A sentence that names both ends. */
  readonly detail: string;
  /** Where the stream ends now; 0: it is not there. */
  readonly end: number;
}

/**
 * Whether a stream, as its leader has it, continues what was seen of it; null: it does. `seen`: the highest sequence this process
 * knows of, which may be beyond the mark; `before`: why it did not when it was last checked. Throws what the client throws: no leader is silence, and says nothing of the stream.
 *
 * A message below the first one of the stream was removed by retention, which proves nothing: the stream goes on beyond it. A stream that
 * was restored from a backup agrees with a mark of the same backup, which proves nothing either: it is refused until it is accepted.
 */
export async function checkStream(
  jsm: JetStreamManager,
  stream: KeptStream,
  { instance_id, streams }: LogRecord,
  { seen, before }: { readonly seen: number; readonly before: StreamMark['trouble'] },
): Promise<Trouble | null> {
  const { incarnation, mark, restored_at } = streams[stream];
  const info = await infoOf(jsm, stream);
  const is = info === undefined ? undefined : identityIn(info.config);
  const end = info?.state.last_seq ?? 0;
  const say = (code: LogTroubleCode, detail: string): Trouble => ({ stream, code, detail, end });
  if (info === undefined || is === undefined) return say('log.missing', `${stream} is not there, and was seen up to ${seen}`);
  const isForeign = is.instance_id !== undefined && is.instance_id !== instance_id;
  if (isForeign || (stream === FACTS && is.instance_id === undefined))
    return say('log.missing', `${stream} is of another instance, ${is.instance_id ?? 'without a name'}, and not of ${instance_id}`);
  if (stream !== TELEMETRY && is.incarnation !== undefined && is.incarnation !== incarnation)
    return say('log.rewound', `${stream} is of the incarnation ${is.incarnation}, and was seen up to ${seen} in ${incarnation}`);
  if (restored_at !== null)
    return say('log.rewound', `${stream} was restored from a backup at ${restored_at}, ends at ${end}, and is not accepted yet`);
  const furthest = Math.max(seen, mark.sequence);
  if (end < furthest) return say('log.rewound', `${stream} ends at ${end}, and was seen up to ${furthest}`);
  const { first_seq, messages } = info.state;
  if (stream === FACTS && messages > 0 && first_seq > 1) return say('log.gap', `${stream} begins at ${first_seq} instead of 1`);
  return (await differs(jsm, streams[stream], say, info.state)) ?? stillOpenGap(jsm, stream, before, say);
}

type Say = (code: LogTroubleCode, detail: string) => Trouble;

/** Whether the message at the mark is another one than it was. */
async function differs(
  jsm: JetStreamManager,
  { stream, mark }: StreamMark,
  say: Say,
  { first_seq, last_seq }: StreamState,
): Promise<Trouble | null> {
  if (mark.sequence === 0 || mark.sequence < first_seq) return null;
  const is = await markAt(jsm, stream, mark.sequence);
  if (is === null) {
    const isForgotten = stream === TELEMETRY || (await jsm.streams.info(stream)).state.first_seq > mark.sequence;
    return isForgotten ? null : say('log.gap', `${stream} lacks the message ${mark.sequence}, and ends at ${last_seq}`);
  }
  const isSame = (known: string | null, now: string | null): boolean => known === null || known === now;
  if (isSame(mark.message, is.message) && isSame(mark.stored_at, is.stored_at)) return null;
  const detail = `${stream} holds at ${mark.sequence} another message than was seen there: ${is.message} of ${is.stored_at}, not ${mark.message} of ${mark.stored_at}; it ends at ${last_seq}`;
  return say('log.rewound', detail);
}

/** A hole that a reader met does not show at the mark; it is looked at where it was met. */
async function stillOpenGap(jsm: JetStreamManager, stream: KeptStream, trouble: StreamMark['trouble'], say: Say): Promise<Trouble | null> {
  const at = trouble?.code === 'log.gap' ? Number(/lacks the message (\d+)/.exec(trouble.detail)?.[1] ?? 0) : 0;
  if (at === 0 || (await markAt(jsm, stream, at)) !== null) return null;
  return say('log.gap', trouble?.detail ?? '');
}
