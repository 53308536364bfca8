import { Injectable } from '@nestjs/common';
import { CommandHandler, AggregateUnreadable } from '@app/event-store';
import { type Instant, UnknownEvent } from '@app/kernel';
import { ROUTE_TABLE } from '../events/route-table-id.js';
import { routeTable } from '../route-table.stream.js';
import { type KeptCredential, RouteCredentials } from './route-credentials.provider.js';

/** Younger rows may belong to a command that is still under way. */
const GRACE_MS = 3_600_000;
const PAGE = 200;

/**
 * Removes the credentials that no routing rule names: of a command of which it was never known whether it was stored, and was not; of a rule
 * that was removed or got another. Facts are asked, not rows: a read model that is behind, or empty, must cost no rule its credential.
 */
@Injectable()
export class UnusedCredentialsJob {
  readonly intervalMs = 600_000;
  readonly removesPrivateRows = true;

  constructor(
    private readonly credentials: RouteCredentials,
    private readonly commands: CommandHandler,
  ) {}

  async run(now: Instant): Promise<void> {
    const before = new Date(Date.parse(now) - GRACE_MS).toISOString() as Instant;
    let page = await this.credentials.keptBefore(before, '', PAGE);
    if (page.length === 0) return;
    const named = await this.named();
    if (named === null) return;
    for (;;) {
      for (const { credential_id } of page) if (!named.has(credential_id)) await this.credentials.forget(credential_id);
      if (page.length < PAGE) return;
      page = await this.nextOf(page, before);
    }
  }

  private nextOf(page: readonly KeptCredential[], before: Instant): Promise<KeptCredential[]> {
    return this.credentials.keptBefore(before, page.at(-1)?.credential_id ?? '', PAGE);
  }

  /** null: a table that cannot be read may name any of them. */
  private async named(): Promise<Set<string> | null> {
    try {
      const rules = await this.commands.read(routeTable.of(ROUTE_TABLE));
      return new Set(rules.flatMap(({ credential }) => (credential === null ? [] : [credential.credential_id])));
    } catch (error) {
      if (error instanceof UnknownEvent || error instanceof AggregateUnreadable) return null;
      throw error;
    }
  }
}
