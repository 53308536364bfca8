import { randomBytes } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { InstanceIdentity } from '@app/event-store';
import { InstanceKey } from '@app/config';
import { OutboundGuard } from '@app/http';
import type { Instant } from '@app/kernel';
import { type ShownKey, saidKey, shownKey } from './key-proof.adapter.js';
import type { LinkReason } from '../events/link-reason.js';
import { retryAfterMs } from './backoff.js';
import { type EnvelopeKey, signRequest, verifyAnswer } from './envelope.js';
import { Boot } from './boot.provider.js';
import { LinkTiming } from './link-timing.js';
import { HeartbeatAnswer, type HeartbeatAsk, HelloAnswer, type HelloAsk, RefusalAnswer, isCommon, understood } from './messages.js';
import { networkFailure } from './network-failure.js';
import { OwnRequests } from './own-requests.provider.js';
import { type PostResponse, sendPost } from './signed-post.js';
import { type RefusedFor, dateRemark, refusedFor } from './refused-answer.js';

/** Whom to speak to, and with which secret. */
export interface LinkTarget {
  readonly url: string;
  readonly remote_peer_id: string;
  readonly key: EnvelopeKey;
}

/** It answered, and the answer is its own. */
export interface Reached<Answer> {
  readonly ok: true;
  readonly answer: Answer;
  readonly rttMs: number;
  /** By how much its clock is ahead of ours. */
  readonly aheadMs: number;
  readonly key: ShownKey;
}
export interface NotReached {
  readonly ok: false;
  readonly reason: LinkReason | 'url_denied';
  /** A sentence; nothing of a secret is in it. */
  readonly detail: string;
  /** null: it did not ask for that. */
  readonly retryAfterMs: number | null;
}
export type Outcome<Answer> = Reached<Answer> | NotReached;

type Own = 'boot_id' | 'sent_at' | 'protocol_min' | 'protocol_max' | 'instance_key' | 'key_signature';

const MAX_ANSWER_BYTES = 65_536;
export const HELLO_PATH = '/federation/v1/hello';
export const HEARTBEAT_PATH = '/federation/v1/heartbeat';

/**
 * Speaks to peers, signed, and believes only what they signed. Never throws for what the other side or the network does. What is under way
 * is given up when the process ends, or before when `signal` aborts.
 */
@Injectable()
export class LinkClient implements OnModuleDestroy {
  private readonly ending = new AbortController();
  /** By what was asked with which key: the cause that was last named, signed, and when. */
  private readonly named = new Map<string, RefusedFor & { readonly atMs: number }>();

  constructor(
    private readonly guard: OutboundGuard,
    private readonly identity: InstanceIdentity,
    private readonly boot: Boot,
    private readonly timing: LinkTiming,
    private readonly own: OwnRequests,
    private readonly instanceKey: InstanceKey,
  ) {}

  onModuleDestroy(): void {
    this.ending.abort();
  }

  /** The first half of the challenge: shows that the other side holds the secret. Changes nothing there. */
  hello(target: LinkTarget, signal?: AbortSignal): Promise<Outcome<HelloAnswer>> {
    return this.ask<HelloAsk, HelloAnswer>(target, HELLO_PATH, { step: 'hello', challenge: null }, HelloAnswer, signal);
  }

  /** The second: shows the other side that we do. */
  confirm(target: LinkTarget, challenge: string | null, signal?: AbortSignal): Promise<Outcome<HelloAnswer>> {
    return this.ask<HelloAsk, HelloAnswer>(target, HELLO_PATH, { step: 'confirm', challenge }, HelloAnswer, signal);
  }

  heartbeat(target: LinkTarget, said: Omit<HeartbeatAsk, Own>, signal?: AbortSignal): Promise<Outcome<HeartbeatAnswer>> {
    return this.ask<HeartbeatAsk, HeartbeatAnswer>(target, HEARTBEAT_PATH, said, HeartbeatAnswer, signal);
  }

  private async ask<Ask extends object, Answer extends HelloAnswer | HeartbeatAnswer>(
    target: LinkTarget,
    path: string,
    said: Omit<Ask, Own>,
    shape: new () => Answer,
    signal = this.ending.signal,
  ): Promise<Outcome<Answer>> {
    const base = this.guard.check(target.url);
    if (!(base instanceof URL)) return failed('url_denied', `This instance may not go to ${target.url}: ${base.because}.`);
    const url = new URL(`${base.pathname.replace(/\/$/, '')}${path}`, base);
    const nonce = randomBytes(18).toString('base64url');
    const proof = { from: this.identity.instance_id, to: target.remote_peer_id, nonce, kind: 'ask' } as const;
    const own = { ...this.boot.says(this.timing.clock.wallMs()), ...saidKey(this.instanceKey, proof) };
    const body = Buffer.from(JSON.stringify({ ...own, ...said }));
    const begunMs = this.timing.clock.wallMs();
    this.own.begin(nonce);
    try {
      const posted = await sendPost({
        url,
        headers: this.signed(target, url, body, nonce),
        body,
        lookup: this.guard.lookup,
        connectTimeoutMs: this.timing.policy.connectTimeoutMs,
        totalTimeoutMs: this.timing.policy.totalTimeoutMs,
        maxBytes: MAX_ANSWER_BYTES,
        signal: AbortSignal.any([this.ending.signal, signal]),
      });
      if (this.own.end(nonce) && posted.status === 401)
        return failed('own_address', `${url.host} leads back to this instance: its own request arrived here.`);
      return this.believed(target, url.host, nonce, posted, shape, begunMs);
    } catch (error) {
      return { ok: false, retryAfterMs: null, ...networkFailure(error, url.host) };
    } finally {
      this.own.end(nonce);
    }
  }

  private signed({ key, remote_peer_id: to }: LinkTarget, url: URL, body: Buffer, nonce: string): Record<string, string> {
    const from = this.identity.instance_id;
    const now = new Date(this.timing.clock.wallMs());
    return signRequest({ ...key, from, to, method: 'POST', authority: url.host, path: url.pathname, body, now, nonce });
  }

  private believed<Answer extends HelloAnswer | HeartbeatAnswer>(
    target: LinkTarget,
    host: string,
    nonce: string,
    posted: PostResponse,
    shape: new () => Answer,
    begunMs: number,
  ): Outcome<Answer> {
    const { key, remote_peer_id: from } = target;
    const { status, headers, body, rttMs } = posted;
    const endedMs = this.timing.clock.wallMs();
    if (status === 401) return this.refused(target, host, nonce, posted, begunMs);
    if (status !== 200) return unlikeAPeer(host, status, retryAfterMs(headers['retry-after'], endedMs));
    const to = this.identity.instance_id;
    if (!verifyAnswer({ keys: [key], headers, from, to, nonce, status, body }))
      return failed('signature_invalid', `${host} answers, but its answer is not signed as ${from} would sign it.`);
    const answer = understood(shape, body);
    if (answer === undefined || !isCommon(this.timing.policy.protocol, answer))
      return failed('protocol_mismatch', `${host} is ${from}, but speaks no version of the protocol that this instance speaks.`);
    this.named.delete(nameOf(target));
    const shown = shownKey(answer, { from, to, nonce, kind: 'answer' });
    return { ok: true, answer, rttMs, aheadMs: aheadMs(answer.sent_at, begunMs, endedMs), key: shown };
  }

  /** A cause is believed when it is signed for this question; until the peer may name it again, a plain refusal does not end it. */
  private refused(target: LinkTarget, host: string, nonce: string, posted: PostResponse, begunMs: number): NotReached {
    const { status, headers, body } = posted;
    const endedMs = this.timing.clock.wallMs();
    const nowMs = this.timing.clock.nowMs();
    const name = nameOf(target);
    const isSigned = verifyAnswer({
      ...{ keys: [target.key], headers, nonce, status, body },
      ...{ from: target.remote_peer_id, to: this.identity.instance_id },
    });
    const said = isSigned ? understood(RefusalAnswer, body) : undefined;
    const cause = said && refusedFor(said, host, aheadMs(said.sent_at, begunMs, endedMs));
    if (isSigned) this.named.delete(name);
    if (cause !== undefined) {
      this.named.set(name, { ...cause, atMs: nowMs });
      for (const oldest of this.named.keys()) if (this.named.size > MAX_NAMED) this.named.delete(oldest);
      return failed(cause.reason, cause.detail);
    }
    const kept = this.named.get(name);
    if (kept !== undefined && nowMs - kept.atMs < this.timing.policy.explainMs + this.timing.policy.slackMs)
      return failed(kept.reason, kept.detail);
    const plain = unlikeAPeer(host, status, null);
    return { ...plain, detail: `${plain.detail}${dateRemark(headers.date, endedMs)}` };
  }
}

/** What it read off its clock was read, as far as we can tell, in the middle between our question and its answer. */
const aheadMs = (sentAt: Instant, begunMs: number, endedMs: number): number => Date.parse(sentAt) - (begunMs + endedMs) / 2;

const nameOf = ({ url, remote_peer_id, key }: LinkTarget): string => `${url}\n${remote_peer_id}\n${key.key_id}`;
const MAX_NAMED = 1_024;

const failed = (reason: NotReached['reason'], detail: string): NotReached => ({ ok: false, reason, detail, retryAfterMs: null });

/** No status but 200 is said by a peer about us: these tell that we are refused, or that something else stands there or in between. */
function unlikeAPeer(host: string, status: number, wait: number | null): NotReached {
  if (status === 401 || status === 403)
    return failed('auth_rejected', `${host} answers, but refuses this instance (${status}): it does not know it, or holds another secret.`);
  if (status === 429) return { ...failed('rate_limited', `${host} is asked too often (429).`), retryAfterMs: wait };
  if (status >= 300 && status < 400) return failed('error_rate', `${host} sends elsewhere (${status}), and redirects are not followed.`);
  if (status >= 500) return { ...failed('error_rate', `${host} cannot answer now (${status}).`), retryAfterMs: wait };
  return failed('error_rate', `${host} answers, but not as an instance does (${status}).`);
}
