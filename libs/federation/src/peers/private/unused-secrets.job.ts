import { Injectable } from '@nestjs/common';
import { CommandHandler, AggregateUnreadable } from '@app/event-store';
import { type Instant, UnknownEvent } from '@app/kernel';
import { peer } from '../peer.stream.js';
import { type KeptSecret, PeerSecrets } from './peer-secrets.provider.js';

/** Younger rows may belong to a registration that is still under way. */
const GRACE_MS = 3_600_000;
const PAGE = 200;

/**
 * Removes the secrets that no fact names: of a registration of which it was never known whether it was stored, and was not; of
 * a peer that was removed. Facts are asked, not rows: a read model that is behind, or empty, must cost no peer its secret.
 */
@Injectable()
export class UnusedSecretsJob {
  readonly intervalMs = 600_000;
  readonly removesPrivateRows = true;

  constructor(
    private readonly secrets: PeerSecrets,
    private readonly commands: CommandHandler,
  ) {}

  async run(now: Instant): Promise<void> {
    const before = new Date(Date.parse(now) - GRACE_MS).toISOString() as Instant;
    let page: KeptSecret[] = [];
    do {
      page = await this.secrets.keptBefore(before, page.at(-1)?.secret_id ?? '', PAGE);
      for (const secret of page) if (!(await this.isNamed(secret))) await this.secrets.forget(secret.secret_id);
    } while (page.length === PAGE);
  }

  private async isNamed({ secret_id, peer_id }: KeptSecret): Promise<boolean> {
    try {
      const known = await this.commands.read(peer.of(peer_id));
      return 'secret_id' in known && known.secret_id === secret_id;
    } catch (error) {
      if (error instanceof UnknownEvent || error instanceof AggregateUnreadable) return true; // What cannot be read may name the secret.
      throw error;
    }
  }
}
