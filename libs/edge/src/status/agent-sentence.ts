import { plainText } from '@app/kernel';
import type { AgentReason, GatewaySnapshot } from '../events/index.js';

export const SENTENCE_LENGTH = 600;
const NAMED = 3;

interface Told {
  readonly reason: AgentReason | null;
  /** As the status change had it. */
  readonly sentence: string;
  readonly gateways: readonly Pick<GatewaySnapshot, 'name' | 'state' | 'sentence'>[];
  /** Share of the disk in use, 0 to 1. */
  readonly diskRatio: number | null;
}

/** A status stays while names and numbers change, so those are put in when the sentence is read. */
export function sentenceNow({ reason, sentence, gateways, diskRatio }: Told): string {
  if (reason === 'disk_full' && diskRatio !== null) return diskSentence(diskRatio);
  if (reason !== 'dependency_down') return sentence;
  const idle = gateways.filter(({ state }) => isIdle(state));
  const [first] = idle;
  if (first === undefined) return sentence;
  if (idle.length === 1) return plainText(`Its gateway ${first.name} does not serve: ${first.sentence}`, SENTENCE_LENGTH);
  const names = idle.slice(0, NAMED).map(({ name }) => name);
  const more = idle.length > NAMED ? ` and ${idle.length - NAMED} more` : '';
  return plainText(`${idle.length} of its ${gateways.length} gateways do not serve: ${names.join(', ')}${more}.`, SENTENCE_LENGTH);
}

/** Rounded down, so that a disk that is not full is not told as 100 %; the product of two floats may be a hair too small. */
export const diskSentence = (ratio: number): string => `The disk of its host is ${Math.floor(Number((ratio * 100).toFixed(3)))} % full.`;

/** A gateway that starts or drains is expected to serve again soon. */
export const isIdle = (state: GatewaySnapshot['state']): boolean =>
  ['unreachable', 'not_ready', 'not_openclaw', 'unauthorised'].includes(state);
