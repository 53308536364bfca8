import type { Command } from 'commander';
import { ACTIONS, DIRECTIONS, METHOD_CLASSES } from '../contract.js';
import { type Grammar, countOption, listOption, option, required } from '../grammar.js';

const actions = () => import('./routes.js');
const changes = () => import('./route-changes.js');

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
        'one (in) are routed to an agent of this side, or denied. A rule that opens something covers methods that read and send, unless ' +
        '--classes says otherwise. The card of the agent is read at once, and its interfaces are listed.',
      examples: [
        'ap infrastructure routes add --direction out --action allow --peer lisbon-2 --agent planner',
        'ap infrastructure routes add --direction in --action route --agent planner --target-url http://127.0.0.1:9100/',
        'ap infrastructure routes add --direction in --action route --target-url http://127.0.0.1:9100/ --credential-file planner.bearer',
      ],
      options: [
        required('--direction <direction>', 'for calls from peers (in), or to them (out)').choices(DIRECTIONS),
        required('--action <action>', 'what becomes of them').choices(ACTIONS),
        option('--peer <peer>', 'only from or to this peer: its id or label'),
        option('--agent <agent>', 'only to the agent of this name'),
        classes(),
        option('--method-class <class>', 'one class, as --classes').choices(METHOD_CLASSES).conflicts('classes'),
        targetUrl(),
        ...credential(),
        ...limits(),
        note(),
        option('--before <rule_id>', 'put it before this rule'),
      ],
    },
    async () => (await changes()).addRoute,
  );
  grammar.leaf(
    routes,
    {
      usage: 'edit <rule_id>',
      does:
        'Change a rule; what is left out stays. A target of another origin needs a credential of its own, or --remove-credential. The value ' +
        'of a credential comes from a file or standard input, and is never shown.',
      examples: [
        'ap infrastructure routes edit rule-3c1f --classes read,send',
        'ap infrastructure routes edit rule-3c1f --target-url http://127.0.0.1:9200/ --credential-stdin',
      ],
      options: [
        classes(),
        targetUrl(),
        ...credential(),
        option('--remove-credential', 'send no credential from now on').conflicts([
          'credentialFile',
          'credentialStdin',
          'credentialHeader',
        ]),
        ...limits(),
        note(),
      ],
    },
    async () => (await changes()).editRoute,
  );
  grammar.leaf(
    routes,
    {
      usage: 'move <rule_id>',
      does: 'Move a rule to another place: the first rule that matches a call decides',
      examples: ['ap infrastructure routes move rule-3c1f --before rule-77aa', 'ap infrastructure routes move rule-3c1f --last'],
      options: [option('--before <rule_id>', 'put it before this rule').conflicts('last'), option('--last', 'put it after all others')],
    },
    async () => (await changes()).moveRoute,
  );
  grammar.leaf(
    routes,
    {
      usage: 'test',
      does: 'Show what the rules say to a call, without making it, and what the card of the agent that it would go to says now',
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
    async () => (await changes()).removeRoute,
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

const classes = () => listOption('--classes <classes>', 'the classes of methods it covers: read,send,admin', METHOD_CLASSES);
const targetUrl = () => option('--target-url <url>', 'with route: base address of the agent, below which its card is');
const note = () => option('--note <text>', 'why, for whoever looks later');
const credential = () => [
  option('--credential-file <path>', 'with route: read from this file the value of the header that the agent asks for').conflicts(
    'credentialStdin',
  ),
  option('--credential-stdin', 'read it from standard input'),
  option('--credential-header <name>', 'the header it is sent in, instead of Authorization'),
];
const limits = () => [
  countOption('--calls-per-minute <number>', 'calls that may begin within a minute', 1_000_000),
  countOption('--concurrent-calls <number>', 'calls that may be under way at once', 100_000),
  countOption('--body-bytes <number>', 'bytes of request bodies that may be under way at once, 1024 or more', 1024 ** 3),
];
