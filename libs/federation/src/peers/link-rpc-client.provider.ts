import { Injectable } from '@nestjs/common';
import { SecretBox } from '@app/config';
import { CommandHandler, RequestReply, Unanswered } from '@app/event-store';
import { ProblemException, problemOf } from '@app/http';
import { refuse } from '@app/kernel';
import type { LinkTest } from './link-test.view.js';
import { type KeyAnswer, type LinkToTest, type PeerToTry, RETRY_PEER, SHOWN_KEY, TEST_LINK, TEST_PEER } from './link.rpc.js';
import { peer } from './peer.stream.js';
import { refusals } from './refusals.js';

/** A request to a peer takes 10 s at most; a challenge is two. */
const ASK_MS = 23_000;

/** Asks the process `federation` about links to peers. Throws the problem `federation.not-running` when none answers. */
@Injectable()
export class LinkRpcClient {
  constructor(
    private readonly rpc: RequestReply,
    private readonly commands: CommandHandler,
    private readonly box: SecretBox,
  ) {}

  testLink({ url, remote_peer_id, secret }: Omit<LinkToTest, 'sealed_secret'> & { secret: string }): Promise<LinkTest> {
    return this.ask(TEST_LINK, { url, remote_peer_id, sealed_secret: this.box.seal(secret, TEST_LINK) } satisfies LinkToTest);
  }

  /** Throws the problem `federation.peer-unknown` as well. */
  async testPeer(peerId: string): Promise<LinkTest> {
    await this.assertRegistered(peerId);
    return this.ask(TEST_PEER, { peer_id: peerId } satisfies PeerToTry);
  }

  /** Throws the problem `federation.peer-unknown` as well. */
  async retryPeer(peerId: string): Promise<LinkTest> {
    await this.assertRegistered(peerId);
    return this.ask(RETRY_PEER, { peer_id: peerId } satisfies PeerToTry);
  }

  /** Which instance key a peer shows now. Throws the problem `federation.peer-unknown` as well. */
  async shownKey(peerId: string): Promise<KeyAnswer> {
    await this.assertRegistered(peerId);
    return this.ask<KeyAnswer>(SHOWN_KEY, { peer_id: peerId } satisfies PeerToTry);
  }

  private async assertRegistered(peerId: string): Promise<void> {
    const { status } = await this.commands.read(peer.of(peerId));
    if (status === 'unknown' || status === 'removed') throw problemOf(refusals, refuse('federation.peer-unknown', { peer_id: peerId }));
  }

  private async ask<Answer extends object = LinkTest>(name: string, request: object): Promise<Answer> {
    try {
      return await this.rpc.ask<Answer>(name, request, ASK_MS);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      throw new ProblemException({
        title: 'Federation not running',
        status: 503,
        code: 'federation.not-running',
        detail: 'No process answers that speaks with peers.',
        next: 'Start the federation process, or see in its log why it does not answer, then try again.',
      });
    }
  }
}
