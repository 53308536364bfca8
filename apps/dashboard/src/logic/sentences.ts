import { agentSentence } from '../../../../libs/edge/src/agent-sentences.js';
import { peerSentence } from '../../../../libs/federation/src/peers/peer-sentences.js';
import { componentSentence } from '../../../../libs/services/src/sentences.js';
import type { Component, EdgeAgent, Instant, Peer } from '../contract.js';
import { said } from './said.js';

/**
 * The sentences of the server, made here as time passes: by the same functions, of the same reasons and details. A sentence without details
 * cannot age, and is told as the server made it.
 */
export type Tell = (serverNow: number) => string;

export const peerTold = ({ reason, details, last_good_at, sentence }: Peer): Tell =>
  isTimeless(details) ? () => said(sentence) : (now) => said(peerSentence(reason, { ...detailsOf(details), last_good_at }, now));

export const agentTold = ({ reason, details, last_sync_at, connected_at, sentence }: EdgeAgent): Tell =>
  isTimeless(details)
    ? () => said(sentence)
    : (now) => said(agentSentence(reason, { ...detailsOf(details), last_sync_at, connected_at }, now));

export const componentTold = ({ reason, details, sentence }: Component): Tell =>
  isTimeless(details) ? () => said(sentence) : (now) => said(componentSentence(reason, detailsOf(details), now));

const TOLD: Readonly<Record<string, (reason: never, details: Details, now: number) => string>> = {
  'services.component.status-changed': componentSentence,
  'federation.peer.status-changed': peerSentence,
  'edge.agent.status-changed': agentSentence,
};

/** What a status-changed fact said when it was stored; undefined: it is none, or holds its sentence itself. */
export function factTold(type: string, data: Readonly<Record<string, unknown>>, at: Instant): string | undefined {
  const tell = TOLD[type];
  const { reason, details, last_good_at } = data;
  if (tell === undefined || typeof details !== 'object' || details === null) return undefined;
  const of = typeof last_good_at === 'string' ? { ...details, last_good_at } : details;
  return tell((reason ?? null) as never, of as Details, Date.parse(at));
}

type Details = Parameters<typeof componentSentence>[1];
const detailsOf = (details: unknown): Details => details as Details;
/** An API of an older release says no details. */
const isTimeless = (details: unknown): boolean => Object.keys(details ?? {}).length === 0;
