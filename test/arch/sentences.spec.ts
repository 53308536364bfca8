import type { EventClass } from '@app/kernel';
import { AGENT_REASONS } from '../../libs/edge/src/events/agent-reason.js';
import { agentSentence } from '../../libs/edge/src/agent-sentences.js';
import { LINK_REASONS } from '../../libs/federation/src/events/link-reason.js';
import { peerSentence } from '../../libs/federation/src/peer-sentences.js';
import { REASONS } from '../../libs/services/src/events/reason.js';
import { componentSentence } from '../../libs/services/src/sentences.js';
import { ROOMS } from '../../libs/rooms/src/index.js';

type Tell = (reason: string | null, details: object, nowMs: number) => string;
const told: [string, string, Tell][] = [
  ...REASONS.map((reason): [string, string, Tell] => ['component', reason, componentSentence as Tell]),
  ...LINK_REASONS.map((reason): [string, string, Tell] => ['peer', reason, peerSentence as Tell]),
  ...AGENT_REASONS.map((reason): [string, string, Tell] => ['agent', reason, agentSentence as Tell]),
];

describe('the sentence of each reason', () => {
  it.each(told)('of a %s, %s, is one whatever the details are', (_what, reason, tell) => {
    for (const details of [{}, { said: 'It is so.' }, { attempts: 3, said: 'It is so.' }, { gauge: 'p95_ms', value: 'many' }, { down: 7 }])
      expect(tell(reason, details, 0)).toMatch(/^\S.{4,}\.$/);
  });

  it.each(told)('of a %s, %s, is what an older release stored', (_what, reason, tell) =>
    expect(tell(reason, { stored_sentence: 'As it was then.' }, 0)).toBe('As it was then.'),
  );
});

it('tells a reason that only a newer release knows by its word', () => {
  for (const tell of [componentSentence, peerSentence, agentSentence] as Tell[])
    expect(tell('of_a_newer_release', {}, 0)).toBe('of a newer release.');
});

it('lets no status-changed fact of a thing that is evaluated carry a sentence', () => {
  const changed = ROOMS.flatMap(({ events }) => Object.values(events) as EventClass[]).filter(({ type }) =>
    /\.(?:component|peer|agent)\.status-changed$/.test(type),
  );
  expect(changed).toHaveLength(3);
  for (const { example } of changed) {
    expect(example).not.toHaveProperty('sentence');
    expect(example).toHaveProperty('details');
  }
});
