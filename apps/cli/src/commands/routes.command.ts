import type { Command } from 'commander';
import { ACTIONS, DIRECTIONS, METHOD_CLASSES } from '../contract.js';
import { type Grammar, option, required } from '../grammar.js';

const actions = () => import('./routes.js');

/** `ap infrastructure routes ...` */
export function defineRoutes(routes: Command, grammar: Grammar): void {
  grammar.leaf(
    routes,
    {
      usage: 'list',
      does: 'List the rules in the order in which they are tried: the first that matches decides, and what none matches is denied',
      examples: ['ap infrastructure routes list'],
    },
    async () => (await actions()).listRoutes,
  );
  grammar.leaf(
    routes,
    {
      usage: 'add',
      does:
        'Add a rule, at the end unless told. What is left out matches anything. Calls to a peer (out) are allowed or denied; calls from ' +
        'one (in) are routed to an agent of this side, or denied.',
      examples: [
        'ap infrastructure routes add --direction out --action allow --peer lisbon-2 --agent planner',
        'ap infrastructure routes add --direction in --action route --agent planner --target-url http://127.0.0.1:9100/',
      ],
      options: [
        required('--direction <direction>', 'for calls from peers (in), or to them (out)').choices(DIRECTIONS),
        required('--action <action>', 'what becomes of them').choices(ACTIONS),
        option('--peer <peer>', 'only from or to this peer: its id or label'),
        option('--agent <agent>', 'only to the agent of this name'),
        option('--method-class <class>', 'only calls that read, send or administer').choices(METHOD_CLASSES),
        option('--target-url <url>', 'with route: base address of the agent, with a slash at its end'),
        option('--note <text>', 'why, for whoever looks later'),
        option('--before <rule_id>', 'put it before this rule'),
      ],
    },
    async () => (await actions()).addRoute,
  );
  grammar.leaf(
    routes,
    {
      usage: 'test',
      does: 'Show what the rules say to a call, without making it',
      examples: ['ap infrastructure routes test --direction out --peer lisbon-2 --agent planner --method SendMessage'],
      options: [
        required('--direction <direction>', 'from the peer (in), or to it (out)').choices(DIRECTIONS),
        required('--peer <peer>', 'the peer: its id or label'),
        required('--agent <agent>', 'the agent that is called'),
        required('--method <method>', 'the method, as in SendMessage or message/send'),
      ],
    },
    async () => (await actions()).testRoute,
  );
  grammar.leaf(
    routes,
    {
      usage: 'remove <rule_id>',
      does: 'Remove a rule. Calls that only it let pass are denied from then on',
      examples: ['ap infrastructure routes remove rule-3c1f'],
    },
    async () => (await actions()).removeRoute,
  );
  grammar.leaf(
    routes,
    {
      usage: 'release [rule_id]',
      does: 'Give back to a rule what an accept of the log holds; without an id, list what is held',
      examples: ['ap infrastructure routes release rule-3c1f', 'ap infrastructure routes release --all --confirm=3'],
      options: [option('--all', 'all that are held'), option('--confirm <number>', 'with --all: how many that are, as the list says')],
    },
    async () => (await import('./release.js')).releaseRoute,
  );
}
