import { Injectable } from '@nestjs/common';
import type { Instant } from '@app/kernel';
import { JoinTokens } from './join-tokens.provider.js';

/** An agent whose join got no answer sends it again; until then it is told apart from one that never joined. */
const GRACE_MS = 24 * 3_600_000;

/** Removes the rows of join tokens that expired long ago. */
@Injectable()
export class JoinTokensJob {
  readonly intervalMs = 600_000;
  readonly removesPrivateRows = true;

  constructor(private readonly tokens: JoinTokens) {}

  async run(now: Instant): Promise<void> {
    await this.tokens.forgetExpired(new Date(Date.parse(now) - GRACE_MS).toISOString() as Instant);
  }
}
