import type { Command } from 'commander';
import { EDGE_STATUSES } from '../contract.js';
import { type Grammar, limit, option, waiting } from '../grammar.js';

const actions = () => import('./edge.js');
export const AGENT =
  '<agent> is the id of an edge agent, or a label that only one has; of one label, the agent in use goes before archived and revoked ones.';

/** `ap infrastructure edge ...` */
export function defineEdge(edge: Command, grammar: Grammar): void {
  grammar.leaf(
    edge,
    {
      usage: 'list',
      does: 'List the edge agents and how they are, without those that are archived',
      examples: ['ap infrastructure edge list --status disconnected', 'ap infrastructure edge list --archived'],
      options: [
        option('--status <status>', 'only those in this state').choices(EDGE_STATUSES),
        option('--search <text>', 'only those with this text in label, host or id'),
        option('--archived', 'only those that are archived'),
        limit(),
      ],
    },
    async () => (await actions()).listAgents,
  );
  grammar.leaf(
    edge,
    {
      usage: 'get <agent>',
      does: 'Show one edge agent, its host, its gateways and what they cost today',
      takes: AGENT,
      examples: ['ap infrastructure edge get berlin-3'],
    },
    async () => (await actions()).getAgent,
  );
  defineEnroll(edge, grammar);
  defineArchive(edge, grammar);
  grammar.leaf(
    edge,
    {
      usage: 'ping <agent>',
      does: 'Ask an edge agent for a sign through its tunnel; ends with 1 when none comes',
      takes: AGENT,
      examples: ['ap infrastructure edge ping berlin-3'],
    },
    async () => (await actions()).pingAgent,
  );
  grammar.leaf(
    edge,
    {
      usage: 'revoke <agent>',
      does: 'Shut an edge agent out for good: its tunnel is closed and its key is not accepted any more',
      takes: AGENT,
      examples: ['ap infrastructure edge revoke berlin-3 --confirm=berlin-3 --note "laptop lost"'],
      options: [
        option('--confirm <name>', 'the id or label of the edge agent once more'),
        option('--note <text>', 'why, for whoever looks later').default('', 'none'),
      ],
    },
    async () => (await actions()).revokeAgent,
  );
  grammar.leaf(
    edge,
    {
      usage: 'release [agent_id]',
      does: 'Give back to an edge agent what an accept of the log holds; without an id, list what is held',
      examples: ['ap infrastructure edge release agent-7c9e66797425de94', 'ap infrastructure edge release --all --confirm=3'],
      options: [option('--all', 'all that are held'), option('--confirm <number>', 'with --all: how many that are, as the list says')],
    },
    async () => (await import('./release.js')).releaseAgent,
  );
}

function defineArchive(edge: Command, grammar: Grammar): void {
  grammar.leaf(
    edge,
    {
      usage: 'archive <agent>',
      does: 'Take an edge agent out of lists and counts, until it connects again or that is undone; its key stays good',
      takes: AGENT,
      examples: ['ap infrastructure edge archive berlin-3'],
    },
    async () => (await actions()).archiveAgent,
  );
  grammar.leaf(
    edge,
    {
      usage: 'unarchive <agent>',
      does: 'List and count an archived edge agent again',
      takes: '<agent> is the id of an edge agent, or a label that only one archived agent has.',
      examples: ['ap infrastructure edge unarchive agent-7c9e66797425de94'],
    },
    async () => (await actions()).unarchiveAgent,
  );
}

function defineEnroll(edge: Command, grammar: Grammar): void {
  grammar.leaf(
    edge,
    {
      usage: 'enroll',
      does: 'Print the line that makes one machine an edge agent: it holds a token that is good once, for a short time',
      examples: [
        'ap infrastructure edge enroll --label berlin-3 --gateway http://127.0.0.1:18789 --gateway-token-file ~/.openclaw/token --wait',
        'ap infrastructure edge enroll -q | ssh berlin-3 "cd clawbutler && sh"',
      ],
      options: [
        option('--label <label>', 'what you call it (default: the name of its host)'),
        option('--hostname-pattern <pattern>', 'only a host of this name may join; * stands for any text'),
        option('--gateway <url>', 'where the gateway beside it listens, as it stands in the line'),
        option('--gateway-token-file <path>', 'the file on that machine that holds the token of the gateway, as it stands in the line'),
        option('--ephemeral', 'of a machine that comes and goes'),
        waiting('then wait until it has connected: 30m, or as long as given', '30m'),
      ],
    },
    async () => (await import('./enroll.js')).enrollAgent,
  );
}
