import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SecretBox } from '@app/config';
import { InstanceIdentity, RequestReply } from '@app/event-store';
import { healthOf, instantAt } from '@app/kernel';
import { LinkClient, type LinkTarget } from './link-client.provider.js';
import { RejectedHandshakes } from './rejected-handshakes.provider.js';
import { ShownKeys } from './shown-keys.provider.js';
import { LinkTiming } from './link-timing.js';
import {
  type KeyAnswer,
  LinkToTest,
  PeerToTry,
  RETRY_PEER,
  SHOWN_KEY,
  STRANGERS,
  type Strangers,
  StrangersAsked,
  TEST_LINK,
  TEST_PEER,
} from '../link.rpc.js';
import type { LinkTest } from '../link-test.view.js';
import { fingerprintOf } from '../private/peer-secrets.provider.js';
import type { CachedPeer } from './cached-peer.js';
import { LinkSupervisor } from './link-supervisor.provider.js';
import type { Tried } from './heartbeat-loop.js';
import { PeerCache } from './peer-cache.provider.js';

/** A peer that was registered a moment ago may not have been heard of here. */
const KNOWN_WITHIN_MS = 2_000;

/** Answers what operators ask of links, by trying. */
@Injectable()
export class LinkAnswers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly undo: (() => void)[] = [];

  constructor(
    private readonly rpc: RequestReply,
    private readonly peers: PeerCache,
    private readonly supervisor: LinkSupervisor,
    private readonly client: LinkClient,
    private readonly rejected: RejectedHandshakes,
    private readonly box: SecretBox,
    private readonly timing: LinkTiming,
    private readonly identity: InstanceIdentity,
    private readonly keys: ShownKeys,
  ) {}

  onApplicationBootstrap(): void {
    this.undo.push(
      this.rpc.answer(TEST_LINK, LinkToTest, (link) => this.testLink(link)),
      this.rpc.answer(TEST_PEER, PeerToTry, ({ peer_id }) => this.testPeer(peer_id)),
      this.rpc.answer(SHOWN_KEY, PeerToTry, ({ peer_id }) => this.shownKey(peer_id)),
      this.rpc.answer(RETRY_PEER, PeerToTry, ({ peer_id }) => this.retryPeer(peer_id)),
      this.rpc.answer(STRANGERS, StrangersAsked, async ({ most }) => this.strangers(most)),
    );
  }

  onModuleDestroy(): void {
    for (const end of this.undo.splice(0)) end();
  }

  /** Only the first half of the challenge: it shows that both hold the secret, and the other side writes nothing down. */
  private async testLink({ url, remote_peer_id, sealed_secret }: LinkToTest): Promise<LinkTest> {
    const secret = this.box.open(sealed_secret, TEST_LINK);
    const key = { secret, key_id: await fingerprintOf(secret) };
    return this.tested({ url, remote_peer_id, key });
  }

  private async testPeer(peerId: string): Promise<LinkTest> {
    const peer = await this.known(peerId);
    if (peer === undefined) return UNKNOWN;
    const { url, remote_peer_id, secret_fingerprint: key_id } = peer;
    const secret = await this.peers.secretOf(peerId);
    if (secret === null) return not('auth_rejected', 'This side has lost the secret of the peer: remove the peer and register it again.');
    return this.tested({ url, remote_peer_id, key: { key_id, secret } });
  }

  private async shownKey(peerId: string): Promise<KeyAnswer> {
    const shown = this.keys.of(peerId);
    return { key: shown?.kind === 'proven' ? { public_key: shown.public_key, fingerprint: shown.fingerprint } : null };
  }

  private async retryPeer(peerId: string): Promise<LinkTest> {
    const peer = await this.known(peerId);
    if (peer === undefined) return UNKNOWN;
    if (peer.lifecycle === 'suspended')
      return not('suspended_by_operator', 'The peer is suspended: nothing is sent to it before it is resumed.');
    const told = this.told(await this.supervisor.retry(peerId), peer.remote_peer_id, peer.secret_fingerprint);
    const isRed = healthOf(this.supervisor.statusOf(this.peers.get(peerId) ?? peer)) === 'down';
    return told.ok && isRed ? { ...told, sentence: `${told.sentence} ${NOT_YET}` } : told;
  }

  /** Who was refused and has no row that could say so. */
  private strangers(most: number): Strangers {
    const { clock } = this.timing;
    const isStranger = (id: string): boolean => id !== this.identity.instance_id && this.peers.byRemoteId(id) === undefined;
    const strangers = this.rejected.lately().filter(([id]) => isStranger(id));
    const latest = strangers.slice(-most).map(([instance_id, { key_id, sinceMs, atMs }]) => ({
      instance_id,
      key_id,
      since: instantAt(clock, sinceMs),
      last_at: instantAt(clock, atMs),
    }));
    return { total: strangers.length, latest };
  }

  private async tested(target: LinkTarget): Promise<LinkTest> {
    return this.told(await this.client.hello(target), target.remote_peer_id, target.key.key_id);
  }

  private told(tried: Tried | undefined, remotePeerId: string, keyId: string): LinkTest {
    if (tried === null || tried === undefined)
      return not('observer_unhealthy', 'This side could not try: the log of the federation process has the cause.');
    if (tried.ok) {
      const rtt_ms = Math.round(tried.rttMs * 10) / 10;
      return { ok: true, reason: null, sentence: `It answers as ${remotePeerId}, and holds the same secret.`, rtt_ms };
    }
    const handshake = tried.reason === 'auth_rejected' ? this.rejected.of(remotePeerId) : undefined;
    if (handshake?.denied !== 'signature') return not(tried.reason, tried.detail);
    if (handshake.key_id === keyId)
      return not(
        tried.reason,
        `${tried.detail} Somebody who says to be it names the fingerprint of this secret, and signs for another instance id or address: compare remote_peer_id and URL there with those of this instance.`,
      );
    return not(
      tried.reason,
      `${tried.detail} Somebody who says to be it has asked here too, with another secret: compare the fingerprints, its is ${handshake.key_id}.`,
    );
  }

  private async known(peerId: string): Promise<CachedPeer | undefined> {
    await this.peers.caughtUp;
    if (this.peers.get(peerId) === undefined) await this.heardOf(peerId);
    return this.peers.get(peerId);
  }

  private heardOf(peerId: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const callOff = this.timing.clock.after(KNOWN_WITHIN_MS, resolve);
    const end = this.peers.onChange((changed) => void (changed === peerId && resolve()));
    return promise.finally(() => (callOff(), end()));
  }
}

const NOT_YET = 'Its status follows when it answered a second time, some seconds from now.';

const not = (reason: string, sentence: string): LinkTest => ({ ok: false, reason, sentence, rtt_ms: null });
const UNKNOWN = not('never_connected', 'The process that speaks with peers has not heard of this peer yet.');
