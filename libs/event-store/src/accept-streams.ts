import type { JetStreamManager } from '@nats-io/jetstream';
import { type Trouble, checkStream } from './log-check.js';
import { LogMarks, type LogRecord, type Mark, NO_MARK } from './log-marks.js';
import { markAt } from './mark-of.js';
import { bring } from './set-up-streams.js';
import { KEPT_STREAMS, type KeptStream, type StreamSizes, declared, identityIn, infoOf, isKept } from './streams.js';

/** The log as somebody sees it who may change its streams, and has stopped nothing. */
export class LogUnderAccept {
  constructor(
    private readonly jsm: JetStreamManager,
    private readonly sizes: StreamSizes,
  ) {}

  /** Why each stream does not continue what was seen of it; those that do are not named. */
  async examine(record: LogRecord): Promise<Trouble[]> {
    const found = await Promise.all(
      KEPT_STREAMS.map((stream) => {
        const { mark, trouble } = record.streams[stream];
        return checkStream(this.jsm, stream, record, { seen: mark.sequence, before: trouble });
      }),
    );
    return found.filter((trouble) => trouble !== null);
  }

  /** Whose streams are there, other than this instance's. */
  async strangers(instanceId: string): Promise<string[]> {
    const infos = await Promise.all(KEPT_STREAMS.map((stream) => infoOf(this.jsm, stream)));
    const ids = infos.flatMap((info) => (info === undefined ? [] : (identityIn(info.config).instance_id ?? [])));
    return [...new Set(ids)].filter((id) => id !== instanceId);
  }

  /** Makes the streams that are missing, and has these be of the incarnations given. Safe to repeat. */
  async take(instance_id: string, incarnations: ReadonlyMap<KeptStream, string>): Promise<void> {
    const all = declared(this.sizes);
    const infos = new Map(await Promise.all(all.map(async ({ name }) => [name, await infoOf(this.jsm, name)] as const)));
    await bring(this.jsm, all, infos, ({ name }) => {
      const incarnation = isKept(name) ? incarnations.get(name) : undefined;
      return incarnation === undefined ? {} : { instance_id, incarnation, marked: '1' };
    });
  }

  /** The last message of a stream. */
  async end(stream: KeptStream): Promise<Mark> {
    const { last_seq } = (await this.jsm.streams.info(stream)).state;
    return (await markAt(this.jsm, stream, last_seq)) ?? { ...NO_MARK, sequence: last_seq };
  }
}

/** The marks as they will be when the accept has ended, for whoever carries it out. Writes nothing. */
export class MarksAhead extends LogMarks {
  constructor(
    private readonly marks: LogMarks,
    private readonly incarnations: ReadonlyMap<KeptStream, string>,
  ) {
    super();
  }

  async read(): Promise<LogRecord | null> {
    const record = await this.marks.read();
    if (record === null) return null;
    const ahead = Object.entries(record.streams).map(([stream, known]) => {
      const incarnation = this.incarnations.get(stream as KeptStream);
      return [
        stream,
        incarnation === undefined ? known : { ...known, incarnation, mark: NO_MARK, state: 'open', trouble: null, restored_at: null },
      ];
    });
    return { ...record, streams: Object.fromEntries(ahead) as LogRecord['streams'] };
  }

  async create(): Promise<void> {}

  async raise(): Promise<void> {}

  async settle(): Promise<void> {}

  async resume(): Promise<void> {}

  highestRead(stream: KeptStream): Promise<number> {
    return this.marks.highestRead(stream);
  }
}
