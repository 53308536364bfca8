import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { InstanceKey } from '@app/config';
import { CommandHandler } from '@app/event-store';
import { type AddressCheck, OwnAddresses, ProblemException, PublicOptions, acceptedOr, addressOf, networkOf, problemOf } from '@app/http';
import { Clock, asId, instantAt, refuse } from '@app/kernel';
import { DatabaseUnavailable } from '@app/read-store';
import { v5 } from 'uuid';
import type { AgentId, JoinTokenId } from '../events/index.js';
import { AgentRegistry } from './agent-registry.provider.js';
import { JoinTokens } from '../private/join-tokens.provider.js';
import { refusals } from '../refusals.js';
import { type JoinAnswer, type JoinRequest, LIMITS, keyFingerprint, parseJoin } from '../tunnel.protocol.js';
import { redeemJoinToken } from '../write/redeem-join-token/redeem-join-token.decide.js';
import { Attempts } from './attempts.js';

/** Namespace of the commands; any fixed UUID would do. */
const JOINS = '6b1f6d0e-3c58-5a0e-8f0c-2d7b3a9e4c10';
/** An agent connects right after it joined: so long its answer waits until it would be known. */
const KNOWN_MS = 2_000;
const BODY_MS = 10_000;

/** Lets agents in that hold a join token. */
@Injectable()
export class JoinHandler {
  private readonly attempts = new Attempts();
  private readonly addresses: OwnAddresses;

  constructor(
    private readonly commands: CommandHandler,
    private readonly tokens: JoinTokens,
    private readonly registry: AgentRegistry,
    private readonly clock: Clock,
    private readonly instanceKey: InstanceKey,
    options: PublicOptions,
  ) {
    this.addresses = new OwnAddresses(options);
  }

  /**
   * Throws the problem to answer with: 400 `edge.join-malformed`, 413 `edge.join-too-big`, 421 `edge.join-wrong-address`, 422 `edge.token-invalid`, 429
   * `edge.join-too-often`, 503 `edge.join-unavailable`; and what the machines beneath throw. Safe to repeat with the same key: the
   * answer names the same agent.
   */
  async join(request: IncomingMessage): Promise<JoinAnswer> {
    const address = networkOf(addressOf(request));
    const waitMs = this.attempts.begin(address, this.clock.nowMs());
    if (waitMs > 0) throw tooOften(waitMs);
    const asked = parseJoin(await this.bodyOf(request));
    if ('malformed' in asked) throw malformed(asked.malformed);
    if (Buffer.from(asked.public_key, 'base64url').toString('base64url') !== asked.public_key) throw malformed('join.public_key is no key');
    this.assertOwn(asked.address); // Before the token is used: by another address its agent could never connect.
    const agentId = await this.redeem(asked);
    this.attempts.forgive(address);
    await this.registry.known(agentId, KNOWN_MS);
    const { publicKey } = this.instanceKey;
    const key = publicKey === null ? {} : { instance_key: publicKey };
    return { agent_id: agentId, server_time: instantAt(this.clock, this.clock.nowMs()), ...key };
  }

  /** An agent of before does not say by which address it asks. */
  private assertOwn(address: string | undefined): void {
    if (address === undefined) return;
    const evaluation = this.addresses.check(URL.parse(address)?.host ?? '', this.clock.wallMs());
    if (evaluation !== 'own') throw wrongAddress(new URL(address).origin, this.addresses.publicUrl, evaluation);
  }

  private async redeem({ token, public_key, hostname, version, os }: JoinRequest): Promise<AgentId> {
    const join_token_id = await this.tokenOf(token);
    if (join_token_id === null) throw problemOf(refusals, refuse('edge.token-invalid'));
    const agent_id = idOf(join_token_id, public_key);
    const data = { join_token_id, agent_id, public_key, key_fingerprint: keyFingerprint(public_key), hostname, version, os };
    acceptedOr(refusals, await this.commands.handle(redeemJoinToken, { data, actor: `agent:${agent_id}`, commandId: v5(agent_id, JOINS) }));
    return agent_id;
  }

  private async tokenOf(token: string): Promise<JoinTokenId | null> {
    try {
      return await this.tokens.idOf(token);
    } catch (error) {
      throw error instanceof DatabaseUnavailable ? unavailable() : error;
    }
  }

  private async bodyOf(request: IncomingMessage): Promise<string> {
    const late = this.clock.after(BODY_MS, () => request.destroy());
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > LIMITS.joinBytes) throw tooBig();
        chunks.push(chunk);
      }
    } finally {
      late();
    }
    return Buffer.concat(chunks).toString();
  }
}

/** One token and one key, one agent: asked again, it is found instead of made twice. */
const idOf = (joinTokenId: JoinTokenId, publicKey: string): AgentId =>
  asId(`agent-${createHash('sha256').update(`${joinTokenId}\n${publicKey}`).digest('hex').slice(0, 16)}`);

const malformed = (why: string): ProblemException =>
  new ProblemException({
    title: 'Not understood',
    status: 400,
    code: 'edge.join-malformed',
    detail: `The request is not as described: ${why}.`,
    next: 'Send a join as this release of the edge agent does.',
  });
const wrongAddress = (asked: string, own: string, evaluation: Exclude<AddressCheck, 'own'>): ProblemException =>
  new ProblemException({
    title: 'Wrong address',
    status: 421,
    code: 'edge.join-wrong-address',
    detail:
      evaluation === 'foreign'
        ? `This instance is ${own}, and was asked as ${asked}, which is none of its addresses. The join token was not used.`
        : `This instance is ${own}. ${asked} was accepted until ${evaluation.endedAt}. The join token was not used.`,
    next: `Join by its own address: edge-agent join --server ${own}`,
    facts: { address: own },
  });
const tooBig = (): ProblemException =>
  new ProblemException({
    title: 'Too big',
    status: 413,
    code: 'edge.join-too-big',
    detail: `A join has ${LIMITS.joinBytes} bytes at most.`,
    next: 'Send a join as this release of the edge agent does.',
  });
const tooOften = (waitMs: number): ProblemException =>
  new ProblemException({
    title: 'Too many attempts',
    status: 429,
    code: 'edge.join-too-often',
    detail: 'Too many joins from this address failed within a minute.',
    next: `Try again in ${Math.ceil(waitMs / 1000)} s, with a join token that is good.`,
    facts: { retry_after_s: Math.ceil(waitMs / 1000) },
  });
const unavailable = (): ProblemException =>
  new ProblemException({
    title: 'Join tokens unavailable',
    status: 503,
    code: 'edge.join-unavailable',
    detail: 'PostgreSQL does not answer, so the join token could not be looked up.',
    next: 'Try again in a moment; if it stays, look at Service Health.',
  });
