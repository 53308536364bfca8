import type { Peer, Route } from '../contract.js';
import { isInstant, local } from './moment.js';

/** The sentences of the server name things by their ids and instants as it keeps them; people know labels, places and local time. */

const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** Instants in the reader's zone. */
export const said = (sentence: string): string => sentence.replaceAll(INSTANT, (text) => (isInstant(text) ? local(text) : text));

interface Known {
  readonly peers?: readonly Pick<Peer, 'peer_id' | 'label'>[] | undefined;
  readonly rules?: readonly Pick<Route, 'rule_id' | 'order'>[] | undefined;
}

const PEER = /\bpeer-[\w-]*\w/g;
/** With what the server says of its place, which would be said twice. */
const RULE = /(?:\brule )?\b(rule-[\w-]*\w)(?:, rule \d+)?/g;

/** A peer by its label, a rule by its place in the table. What is not known keeps its id. */
export const saidWith = (sentence: string, { peers = [], rules = [] }: Known): string =>
  said(sentence)
    .replaceAll(PEER, (id) => peers.find((peer) => peer.peer_id === id)?.label ?? id)
    .replaceAll(RULE, (whole, id: string) => {
      const rule = rules.find((one) => one.rule_id === id);
      return rule === undefined ? whole : `rule ${rule.order}`;
    });

const COMMAND = /(\bnpm (?:start|run [\w:-]*\w))/;

/** A text in its parts, so that what somebody is to type can look like it. */
export const commandsIn = (text: string): { text: string; isCommand: boolean }[] =>
  text.split(COMMAND).flatMap((part, index) => (part === '' ? [] : [{ text: part, isCommand: index % 2 === 1 }]));
