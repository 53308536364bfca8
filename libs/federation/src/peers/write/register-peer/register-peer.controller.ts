import { createHash } from 'node:crypto';
import { Controller, HttpCode, Logger, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler, InstanceIdentity, LogUnavailable, wroteNothing } from '@app/event-store';
import { Actor, Command, CommandId, Idempotent, OutboundGuard, ProblemException, Roles, Takes, acceptedOr, problemOf } from '@app/http';
import { type CommandKey, type Refusal, asId, isRefusal, refuse } from '@app/kernel';
import { DatabaseUnavailable } from '@app/read-store';
import type { PeerId } from '../../events/index.js';
import { type Peer, peer } from '../../peer.stream.js';
import { PeerSecrets, type SecretReference, makeSecret } from '../../private/peer-secrets.provider.js';
import { type Refused, refusals } from '../../refusals.js';
import { RegisterPeer } from './register-peer.command.js';
import { type PeerToRegister, registerPeer } from './register-peer.decide.js';
import { PeerAccepted } from './register-peer.view.js';

const LEAST_SECRET = 24;

@Controller('peers')
export class RegisterPeerController {
  private readonly log = new Logger('federation.register-peer');

  constructor(
    private readonly commands: CommandHandler,
    private readonly secrets: PeerSecrets,
    private readonly guard: OutboundGuard,
    private readonly identity: InstanceIdentity,
  ) {}

  /**
   * POST /api/v1/infrastructure/peers {"remote_peer_id": "inst-7f3q", "label": "Lisbon", "url": "https://lisbon.example"}
   *
   * Answers 202 with the position to read after, the peer's id and, when none was given, the secret that was made; 409
   * `federation.peer-exists`, `federation.key-reused`, 422 `federation.url-denied`, `federation.secret-weak`,
   * `federation.peer-is-self`. Sent again with its Idempotency-Key it finds the same peer, and does not show the secret again.
   */
  @Post()
  @HttpCode(202)
  @Roles('operator')
  @Idempotent()
  @Takes(RegisterPeer)
  @ApiOperation({ operationId: 'registerPeer', summary: 'Make another instance known to this one' })
  @ApiAcceptedResponse({ type: PeerAccepted })
  async register(@Command() command: RegisterPeer, @Actor() actor: string, @CommandId() key: CommandKey): Promise<PeerAccepted> {
    const { remote_peer_id, label } = command;
    const url = this.reachable(command.url);
    const given = strong(command.outbound_secret ?? null);
    const secret = given ?? makeSecret();
    const peer_id = peerIdOf(key.commandId);

    const kept = await this.keep(peer_id, secret); // First the row, then the fact that names it.
    const data = { peer_id, remote_peer_id, label, url, ...kept, instance_id: this.identity.instance_id };
    const { position } = acceptedOr(refusals, await this.decided(data, actor, key));

    const registered = await this.registered(peer_id);
    const isOurs = 'secret_id' in registered && registered.secret_id === kept.secret_id;
    if (!isOurs) await this.forget(kept.secret_id); // The command was carried out before, with another row.
    if (registered.remote_peer_id !== remote_peer_id)
      throw problemOf(refusals, refuse('federation.key-reused', { peer_id, registered: registered.remote_peer_id, remote_peer_id }));
    return { position, peer_id, ...(isOurs && given === null ? { outbound_secret: secret } : {}) };
  }

  /** What was written, by this attempt or an earlier one. A replica that lacks it yet says nothing of whose secret is in use. */
  private async registered(peerId: PeerId): Promise<Exclude<Peer, { status: 'unknown' }>> {
    const known = await this.commands.read(peer.of(peerId));
    if (known.status === 'unknown') throw new LogUnavailable(`the event log does not show ${peerId} yet, which was just registered`);
    return known;
  }

  /** The decision. When it certainly wrote nothing, the row goes; when that is not certain, the row is left to the job. */
  private async decided(data: PeerToRegister, actor: string, key: CommandKey): Promise<{ position: string } | Refusal<Refused>> {
    try {
      const outcome = await this.commands.handle(registerPeer, { data, actor, ...key });
      if (isRefusal(outcome)) await this.forget(data.secret_id);
      return outcome;
    } catch (error) {
      if (wroteNothing(error)) await this.forget(data.secret_id);
      throw error;
    }
  }

  private async keep(peerId: PeerId, secret: string): Promise<SecretReference> {
    try {
      return await this.secrets.keep(peerId, secret);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      this.log.error(`a secret of ${peerId} could not be stored: ${String(error)}`);
      throw new ProblemException({
        title: 'Secret not stored',
        status: 503,
        code: 'federation.secrets-unavailable',
        detail: 'The secret of the peer could not be stored, so the peer was not registered.',
        next: 'See whether PostgreSQL is healthy, then try again with the same Idempotency-Key.',
      });
    }
  }

  /** Never in the way of the answer: what stays is swept. */
  private async forget(secretId: string): Promise<void> {
    await this.secrets
      .forget(secretId)
      .catch((error: unknown) => this.log.warn(`secret ${secretId} is left to the sweep: ${String(error)}`));
  }

  private reachable(text: string): string {
    const checked = this.guard.check(text);
    const no = checked instanceof URL ? beyondOrigin(checked) : checked;
    if (no === null) return (checked as URL).origin;
    const { denied, because } = no;
    throw problemOf(refusals, refuse('federation.url-denied', { denied, because }));
  }
}

/** An instance signs, and checks signatures, for paths from the root on: below another it would be reached, and never believed. */
function beyondOrigin({ href, origin, pathname }: URL): { readonly denied: string; readonly because: string } | null {
  if (href.includes('?')) return { denied: 'query', because: 'it carries a query (?)' };
  if (pathname === '/') return null;
  return { denied: 'path', because: `it has a path, and an instance answers at its origin, like ${origin}` };
}

function strong(secret: string | null): string | null {
  if (secret === null || secret.length >= LEAST_SECRET) return secret;
  throw problemOf(refusals, refuse('federation.secret-weak', { length: secret.length, least: LEAST_SECRET }));
}

/** One command, one peer: asked again under the same Idempotency-Key, it is found instead of made twice. */
const peerIdOf = (commandId: string): PeerId => asId(`peer-${createHash('sha256').update(commandId).digest('hex').slice(0, 16)}`);
