import type { JetStreamManager, SeqMsgRequest } from '@nats-io/jetstream';
import type { Catalogue, Recorded } from './envelope.js';
import { LogUnavailable } from './errors.js';
import { pageOf, rawOf } from './page.js';
import { spoken } from './silence.js';
import { FACTS } from './streams.js';

const PAGE = 1_000;

/** What happened to one thing: the facts on its subject. */
export class Histories {
  constructor(
    private readonly jsm: JetStreamManager,
    private readonly catalogue: Catalogue,
  ) {}

  /**
   * All of them, oldest first. On a cluster a replica may answer, and lack the newest: what is decided on this is decided under
   * an expectation, or checked by `atLeader`. Throws `LogUnavailable`.
   */
  async of(subject: string): Promise<Recorded[]> {
    return spoken(async () => {
      const facts: Recorded[] = [];
      for (;;) {
        const page = await pageOf(this.jsm, FACTS, { seq: (facts.at(-1)?.position ?? 0) + 1, batch: PAGE, next_by_subj: subject });
        for (const message of page) facts.push(this.catalogue.read(message));
        if (page.length < PAGE) return facts;
      }
    });
  }

  /** Those after position `from`, as the leader has them. Throws `LogUnavailable`. */
  async atLeader(subject: string, from: number): Promise<Recorded[]> {
    return spoken(async () => {
      const facts: Recorded[] = [];
      const last = await this.jsm.streams.getMessage(FACTS, { last_by_subj: subject });
      for (let seq = from + 1; last !== null && seq <= last.seq; seq = (facts.at(-1)?.position ?? seq) + 1) {
        const message = await this.jsm.streams.getMessage(FACTS, { seq, next_by_subj: subject } as SeqMsgRequest);
        if (message === null) throw new LogUnavailable(`the leader changed while ${subject} was read`);
        facts.push(this.catalogue.read(rawOf(message)));
      }
      return facts;
    });
  }

  /** The position of the last fact of a subject, as the leader has it; 0: none. Throws `LogUnavailable`. */
  async endAtLeader(subject: string): Promise<number> {
    return spoken(async () => (await this.jsm.streams.getMessage(FACTS, { last_by_subj: subject }))?.seq ?? 0);
  }
}
