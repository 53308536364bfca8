import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { type ListedInterface, type PlainHeaders, type RewrittenCard, rewriteCard } from '@app/a2a';
import type { CallReason } from '../../calls/events/call-reason.js';
import { FAULT_HEADER, type FaultStyle, answerFault } from './answer-fault.adapter.js';
import { type FaultCode, type ProxyFault, failureOf, faultOf, faultOfPeer } from './faults.js';
import { type FetchedCard, fetchCard } from './fetch-card.adapter.js';
import { CARD_VERSIONS, type CardVersion, InterfaceTable } from './interface-table.js';
import type { ProxySockets } from './sockets.provider.js';

/** Whose card, where it is read, and how it is handed out. */
export interface CardSource {
  /** One for each card that is served somewhere. */
  readonly owner: string;
  readonly url: URL;
  readonly sockets: ProxySockets;
  /** What is sent with the question beside the version of A2A that is asked for. */
  readonly headers: () => PlainHeaders;
  /** Where its interfaces are reached here; ends with a slash. */
  readonly base: string;
  /** Whether an interface may be there. */
  readonly allow: (url: URL) => URL | { readonly because: string };
  /** Why an answer is not for whoever asked; null: it is. */
  readonly refusalOf: (answer: Pick<IncomingMessage, 'statusCode' | 'headers'>) => CallReason<'failed'> | null;
  readonly facts: Readonly<Record<string, string>>;
  /** How long the card is waited for, ms; absent: as long as for a call. */
  readonly patienceMs?: number;
}

export interface NoCard {
  readonly reason: CallReason<'failed'>;
  readonly fault: ProxyFault;
  /** What the card names, as far as it was read. */
  readonly listed?: readonly ListedInterface[];
}

/** Reads the cards of agents, hands them out as ours, and remembers what is behind. */
@Injectable()
export class Cards {
  private readonly table = new InterfaceTable<NoCard>();

  /** Answers with the card, in the version of A2A that is asked for. Resolves to why there is none, for the record. */
  async answer(request: IncomingMessage, response: ServerResponse, source: CardSource, style: FaultStyle): Promise<NoCard | null> {
    const asked = request.headers['a2a-version'];
    const card = await this.read(source, typeof asked === 'string' ? asked : undefined);
    if ('fault' in card) {
      answerFault(response, card.fault, style);
      return card;
    }
    if (response.destroyed) return null;
    const headers = { etag: card.etag, vary: 'A2A-Version', 'cache-control': 'private, no-cache' };
    if (isFresh(request.headers['if-none-match'], card.etag)) response.writeHead(304, headers).end();
    else response.writeHead(200, { ...headers, 'content-type': 'application/json', 'content-length': card.body.length }).end(card.body);
    return null;
  }

  /** The real URL of an interface; null: the card names no such. */
  async interfaceOf(source: CardSource, key: string): Promise<URL | null | NoCard> {
    const found = await this.table.find(source.owner, key, async (version) => {
      const card = await this.read(source, version === '1.0' ? version : undefined);
      return 'fault' in card ? card : undefined;
    });
    if ('failure' in found) return found.failure;
    if (found.url === undefined) return null;
    const allowed = source.allow(new URL(found.url)); // At every use: settings change, and so do peers.
    return allowed instanceof URL ? allowed : { reason: 'address_denied', fault: failureOf('address_denied', source.facts) };
  }

  /** The card as it is handed out here, or why there is none. */
  async read(source: CardSource, version: string | undefined): Promise<RewrittenCard | NoCard> {
    const asked: PlainHeaders = version === undefined || version === '' ? {} : { 'a2a-version': version };
    const fetched = await fetchCard(
      source.sockets,
      source.url,
      { ...source.headers(), ...asked, accept: 'application/json' },
      source.patienceMs,
    );
    if ('failed' in fetched) return { reason: fetched.failed, fault: failureOf(fetched.failed, source.facts) };
    const refusal = source.refusalOf({ statusCode: fetched.status, headers: fetched.headers });
    if (refusal !== null) return { reason: refusal, fault: failureOf(refusal, source.facts) };
    if (fetched.status !== 200) return notGiven(fetched, source);
    const card = rewriteCard(fetched.body, { readFrom: source.url, base: source.base, allow: source.allow });
    if ('refused' in card) return { ...refused(card.because, source), listed: card.listed };
    this.table.remember(source.owner, versionOfCard(version), card.interfaces);
    return card;
  }
}

const versionOfCard = (asked: string | undefined): CardVersion => CARD_VERSIONS.find((version) => version === asked) ?? '0.3';

const refused = (because: string, { facts }: CardSource): NoCard => ({
  reason: 'answer_invalid',
  fault: faultOf('federation.card-refused', { ...facts, because }),
});

function notGiven({ status, headers }: FetchedCard, source: CardSource): NoCard {
  const said = headers[FAULT_HEADER];
  if (typeof said !== 'string') return refused(`the question for it was answered with ${status}`, source);
  const code = faultOfPeer(said);
  const facts = { because: 'the peer does not pass it on', ...source.facts, whose: 'the instance that was called' };
  return { reason: REASONS[code] ?? 'http_error', fault: faultOf(code, facts) };
}

/** Why a peer has no card, where that is one of our reasons. */
const REASONS: Partial<Record<FaultCode, CallReason<'failed'>>> = {
  'federation.peer-refused': 'auth_rejected',
  'federation.agent-refused': 'agent_refused',
  'federation.card-refused': 'answer_invalid',
  'federation.answer-invalid': 'answer_invalid',
  'federation.timed-out': 'timeout',
};

/** `If-None-Match` may list several, and name each weakly. */
const isFresh = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()));
