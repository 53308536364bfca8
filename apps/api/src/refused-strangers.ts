import { type RequestReply, Unanswered } from '@app/event-store';
import { STRANGERS, type Strangers } from '@app/federation';
import { StrangersSource } from '@app/log';

const MOST_NAMED = 8;
/** Shorter than a check of the doctor may take. */
const ASK_MS = 3_000;

/** Asks the process that speaks with peers. */
export class RefusedStrangers extends StrangersSource {
  constructor(private readonly rpc: RequestReply) {
    super();
  }

  async lately(): Promise<Strangers | null> {
    try {
      return await this.rpc.ask<Strangers>(STRANGERS, { most: MOST_NAMED }, ASK_MS);
    } catch (error) {
      if (error instanceof Unanswered) return null;
      throw error;
    }
  }
}
