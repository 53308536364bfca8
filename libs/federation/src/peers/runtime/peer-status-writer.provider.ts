import { Injectable, Logger } from '@nestjs/common';
import { CommandHandler } from '@app/event-store';
import { Position } from '@app/kernel';
import type { PeerStatusChanged } from '../events/index.js';
import { changePeerStatus } from '../write/change-peer-status/change-peer-status.decide.js';
import type { CachedPeer } from './cached-peer.js';
import { FEDERATION } from './heartbeat-log.provider.js';

/** What the facts say a peer is. */
export function saidOf({ lifecycle, last_status }: CachedPeer): { status: PeerStatusChanged['to']; reason: PeerStatusChanged['reason'] } {
  if (last_status !== null) return last_status;
  if (lifecycle === 'pending') return { status: 'pending', reason: 'never_connected' };
  if (lifecycle === 'suspended') return { status: 'suspended', reason: 'suspended_by_operator' };
  return { status: 'unknown', reason: 'observer_unhealthy' };
}

/** A verdict whose evidence may still be on its way into the log. */
export interface PeerEvaluation extends Omit<PeerStatusChanged, 'evidence'> {
  readonly evidence: () => Promise<readonly string[]>;
}

/**
 * Writes statuses down, for each peer one at a time, and the next when the facts have been heard to say the one before. While the
 * log does not answer, the status of the moment is offered again at each call; those in between are no loss.
 */
@Injectable()
export class PeerStatusWriter {
  private readonly log = new Logger('federation.status');
  private readonly offering = new Map<string, Promise<void>>();
  /** Where the last status on each is, or what it was decided on. */
  private readonly written = new Map<string, number>();
  private readonly silent = new Set<string>();

  constructor(private readonly commands: CommandHandler) {}

  /** Offers a status, unless the facts say it already or an earlier one is on its way. */
  offer(peer: CachedPeer, evaluation: PeerEvaluation): void {
    const { peer_id } = peer;
    const said = saidOf(peer);
    if (this.offering.has(peer_id) || peer.position < (this.written.get(peer_id) ?? 0)) return;
    if (said.status === evaluation.to && said.reason === evaluation.reason) return;
    const offered = this.write(peer_id, { ...evaluation, from: said.status }).finally(() => this.offering.delete(peer_id));
    this.offering.set(peer_id, offered);
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await Promise.all(this.offering.values());
  }

  forget(peerId: string): void {
    this.written.delete(peerId);
    this.silent.delete(peerId);
  }

  private async write(peer_id: string, evaluation: PeerEvaluation): Promise<void> {
    try {
      const data = { ...evaluation, evidence: await evaluation.evidence() };
      const outcome = await this.commands.handle(changePeerStatus, { data, actor: FEDERATION });
      this.silent.delete(peer_id);
      if ('position' in outcome) this.written.set(peer_id, Position.parse(outcome.position).of('facts') ?? 0);
    } catch (error) {
      if (!this.silent.has(peer_id)) this.log.warn(`the verdict on ${peer_id} waits for the log: ${String(error)}`);
      this.silent.add(peer_id);
    }
  }
}
