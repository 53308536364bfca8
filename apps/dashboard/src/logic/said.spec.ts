import { local } from './moment.js';
import { commandsIn, said, saidWith } from './said.js';

const peers = [
  { peer_id: 'peer-7', label: 'Oslo' },
  { peer_id: 'peer-7-b', label: 'Porto' },
];
const rules = [
  { rule_id: 'rule-in', order: 1 },
  { rule_id: 'rule-in-planner', order: 3 },
];

it.each([
  [
    'A send call to peer-7 for planner is allowed by rule-in-planner, rule 3 of 3.',
    'A send call to Oslo for planner is allowed by rule 3 of 3.',
  ],
  ['Denied by the routing rule rule-in.', 'Denied by the routing rule 1.'],
  [
    'A read call from peer-7-b for buyer is denied: none of the 3 rules matches it.',
    'A read call from Porto for buyer is denied: none of the 3 rules matches it.',
  ],
  ['Denied by the routing rule rule-gone.', 'Denied by the routing rule rule-gone.'],
  ['A send call to peer-9 is denied.', 'A send call to peer-9 is denied.'],
])('%s: %s', (sentence, text) => expect(saidWith(sentence, { peers, rules })).toBe(text));

it('says instants as people do, wherever they stand', () => {
  const [from, to] = ['2026-11-23T08:29:28.234Z', '2026-11-24T08:29:28Z'];
  expect(said(`Suspended from ${from} until ${to}: moving`)).toBe(`Suspended from ${local(from)} until ${local(to)}: moving`);
  expect(said('Nothing is known yet')).toBe('Nothing is known yet');
});

it('finds what is to be typed', () => {
  expect(
    commandsIn('Run npm run login for a new one.')
      .map(({ text, isCommand }) => (isCommand ? `[${text}]` : text))
      .join(''),
  ).toBe('Run [npm run login] for a new one.');
  expect(commandsIn('Look whether npm start runs.').filter(({ isCommand }) => isCommand)).toEqual([{ text: 'npm start', isCommand: true }]);
  expect(commandsIn('Ask again.')).toEqual([{ text: 'Ask again.', isCommand: false }]);
});

it('leaves a text alone that only looks like an instant', () =>
  expect(said('since 2026-99-99T99:99:99Z')).toBe('since 2026-99-99T99:99:99Z'));
