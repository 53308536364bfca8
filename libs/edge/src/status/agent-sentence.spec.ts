import type { GatewaySnapshot } from '../events/index.js';
import { SENTENCE_LENGTH, diskSentence, sentenceNow } from './agent-sentence.js';

const gateway = (name: string, state: GatewaySnapshot['state']) => ({ name, state, sentence: `${name} says why.` });
const told = (...gateways: ReturnType<typeof gateway>[]): string =>
  sentenceNow({ reason: 'dependency_down', sentence: 'As it was.', gateways, diskRatio: null });

describe('the sentence of an agent beside a gateway that does not serve', () => {
  it('names the gateway, and why', () => {
    expect(told(gateway('main', 'ready'), gateway('lab', 'unreachable'))).toBe('Its gateway lab does not serve: lab says why.');
  });

  it('names several and counts all', () => {
    expect(told(gateway('a', 'unreachable'), gateway('b', 'unauthorised'), gateway('c', 'starting'))).toBe(
      '2 of its 3 gateways do not serve: a, b.',
    );
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) => gateway(name, 'not_ready'));
    expect(told(...many)).toBe('5 of its 5 gateways do not serve: a, b, c and 2 more.');
  });

  it('stays as it was while the status has not followed yet', () => {
    expect(told(gateway('main', 'ready'), gateway('lab', 'draining'))).toBe('As it was.');
  });

  it('fits whatever an agent reports', () => {
    const long = { name: 'n'.repeat(128), state: 'unreachable' as const, sentence: 's'.repeat(512) };
    expect(told(long).length).toBeLessThanOrEqual(SENTENCE_LENGTH);
  });
});

describe('the sentence of an agent on a full disk', () => {
  it('has the figure of now, rounded down', () => {
    expect(sentenceNow({ reason: 'disk_full', sentence: 'As it was.', gateways: [], diskRatio: 0.998 })).toBe(diskSentence(0.99));
    expect(diskSentence(0.57)).toBe('The disk of its host is 57 % full.');
    expect(diskSentence(0.9)).toBe('The disk of its host is 90 % full.');
  });

  it('stays as it was when the agent says no figure any more', () => {
    expect(sentenceNow({ reason: 'disk_full', sentence: 'As it was.', gateways: [], diskRatio: null })).toBe('As it was.');
  });
});

it('leaves every other sentence alone', () => {
  const one = { sentence: 'As it was.', gateways: [gateway('main', 'unreachable')], diskRatio: 0.95 };
  expect(sentenceNow({ ...one, reason: 'slow' })).toBe('As it was.');
  expect(sentenceNow({ ...one, reason: null })).toBe('As it was.');
});
