import type { JetStreamManager, SeqMsgRequest } from '@nats-io/jetstream';
import type { Decoded, Decoder } from './decoder.js';
import { type RawMessage, requestMarkOf } from './envelope.js';
import { LogUnavailable } from './errors.js';
import { pageOf, rawOf } from './page.js';
import { withUnavailable } from './unavailable.js';
import { FACTS } from './streams.js';

const PAGE = 1_000;

/** One message on the subject of an aggregate, readable or not: each counts for the expectation. */
export interface Entry {
  readonly position: number;
  /** `ce-id`; empty: the message has none. */
  readonly id: string;
  /** Empty: the message has none. */
  readonly requestMark: string;
  readonly decoded: Decoded;
}

/** What happened to one aggregate: the facts on its subject. */
export class AggregateReader {
  constructor(
    private readonly jsm: JetStreamManager,
    private readonly decoder: Decoder,
  ) {}

  /**
   * All entries, oldest first. On a cluster a replica may answer, and lack the newest: what is decided on this is decided under
   * an expectation, or checked by `atLeader`. Throws `LogUnavailable`.
   */
  async of(subject: string): Promise<Entry[]> {
    return withUnavailable(async () => {
      const entries: Entry[] = [];
      for (;;) {
        const page = await pageOf(this.jsm, FACTS, { seq: (entries.at(-1)?.position ?? 0) + 1, batch: PAGE, next_by_subj: subject });
        for (const message of page) entries.push(this.entry(message));
        if (page.length < PAGE) return entries;
      }
    });
  }

  /** Those after position `from`, as the leader has them. Throws `LogUnavailable`. */
  async atLeader(subject: string, from: number): Promise<Entry[]> {
    return withUnavailable(async () => {
      const entries: Entry[] = [];
      const last = await this.jsm.streams.getMessage(FACTS, { last_by_subj: subject });
      for (let seq = from + 1; last !== null && seq <= last.seq; seq = (entries.at(-1)?.position ?? seq) + 1) {
        const message = await this.jsm.streams.getMessage(FACTS, { seq, next_by_subj: subject } as SeqMsgRequest);
        if (message === null) throw new LogUnavailable(`the leader changed while ${subject} was read`);
        entries.push(this.entry(rawOf(message)));
      }
      return entries;
    });
  }

  /** The entry at one position, as the leader has it; undefined: there is none. Throws `LogUnavailable`. */
  async at(position: number): Promise<Entry | undefined> {
    const message = await withUnavailable(() => this.jsm.streams.getMessage(FACTS, { seq: position }));
    return message === null ? undefined : this.entry(rawOf(message));
  }

  /** The position of the last fact of a subject, as the leader has it; 0: none. Throws `LogUnavailable`. */
  async endAtLeader(subject: string): Promise<number> {
    return withUnavailable(async () => (await this.jsm.streams.getMessage(FACTS, { last_by_subj: subject }))?.seq ?? 0);
  }

  private entry(message: RawMessage): Entry {
    const id = message.headers?.get('ce-id') ?? '';
    return { position: message.seq, id, requestMark: requestMarkOf(message), decoded: this.decoder.decode(message) };
  }
}
