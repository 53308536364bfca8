import type { Command } from 'commander';
import { COMPONENT_STATUSES, HEALTHS, PEER_STATUSES, STREAMS } from '../contract.js';
import { type Grammar, limit, option, required } from '../grammar.js';

const peerActions = () => import('./peers.js');
const peerChanges = () => import('./peer-changes.js');
const serviceActions = () => import('./services.js');

/** `ap infrastructure ...` */
export function defineInfrastructure(program: Command, grammar: Grammar): void {
  const group = grammar
    .group(program, 'infrastructure', 'Peers, services and events of the instance', 'ap infra status --all')
    .alias('infra');
  grammar.leaf(
    group,
    {
      usage: 'status',
      does: 'Show the verdict and what is wrong',
      examples: ['ap infrastructure status --all', 'ap infrastructure status --exit-status -q || notify-oncall'],
      options: [
        option('--all', 'show what is healthy, too'),
        option('--exit-status', 'end with 10 when degraded, 11 when down, 12 when unknown'),
      ],
    },
    async () => (await import('./status.js')).showStatus,
  );
  const peers = grammar.group(group, 'peers', 'Federation peers', 'ap infra peers list');
  definePeerReads(peers, grammar);
  definePeerChanges(peers, grammar);
  defineServices(grammar.group(group, 'services', 'Components and gateways', 'ap infra services list'), grammar);
  defineEvents(grammar.group(group, 'events', 'What happened, as it was recorded', 'ap infra events list'), grammar);
}

const PEER = '<peer> is the id of a peer, or a label that only one peer has.';

function definePeerReads(peers: Command, grammar: Grammar): void {
  grammar.leaf(
    peers,
    {
      usage: 'list',
      does: 'List the peers and how they are',
      examples: ['ap infrastructure peers list --status pending'],
      options: [
        option('--status <status>', 'only those in this state').choices(PEER_STATUSES),
        option('--search <text>', 'only those with this text in label, address or id'),
        limit(),
      ],
    },
    async () => (await peerActions()).listPeers,
  );
  grammar.leaf(
    peers,
    { usage: 'get <peer>', does: `Show one peer. ${PEER}`, examples: ['ap infrastructure peers get "Lisbon, second hall"'] },
    async () => (await peerActions()).getPeer,
  );
}

function definePeerChanges(peers: Command, grammar: Grammar): void {
  grammar.leaf(
    peers,
    {
      usage: 'add',
      does:
        'Register a peer. The secret that both sides share comes from a file or standard input; without one it is made, and shown ' +
        'once. Here --url is the address of the peer; that of the API stands before the command, or in AP_URL.',
      examples: [
        'ap infrastructure peers add --remote-peer-id inst-7f3q --url https://lisbon.example --label Lisbon',
        'ap infrastructure peers add --remote-peer-id inst-7f3q --url https://lisbon.example --label Lisbon --secret-file lisbon.secret',
      ],
      options: [
        required('--remote-peer-id <id>', "the other side's own instance id"),
        required('--url <url>', 'where the other side answers'),
        required('--label <label>', 'what you call it'),
        option('--secret-file <path>', 'read the secret from this file').conflicts('secretStdin'),
        option('--secret-stdin', 'read the secret from standard input'),
      ],
    },
    async () => (await peerChanges()).addPeer,
  );
  grammar.leaf(
    peers,
    {
      usage: 'edit <peer>',
      does: `Give a peer another label. ${PEER}`,
      examples: ['ap infrastructure peers edit lisbon-2 --label "Lisbon, second hall"'],
      options: [required('--label <label>', 'the new label')],
    },
    async () => (await peerChanges()).editPeer,
  );
  grammar.leaf(
    peers,
    {
      usage: 'suspend <peer>',
      does: `Stop the traffic with a peer, for a while or until it is resumed. ${PEER}`,
      examples: ['ap infrastructure peers suspend lisbon-2 --until 2h --note "key rotation"'],
      options: [
        option('--note <text>', 'why, for whoever looks later').default('', 'none'),
        option('--until <when>', 'when it lifts by itself: 2026-12-01T08:00:00Z, or 2h from now'),
      ],
    },
    async () => (await peerChanges()).suspendPeer,
  );
  grammar.leaf(
    peers,
    { usage: 'resume <peer>', does: `Let a suspended peer go on. ${PEER}`, examples: ['ap infrastructure peers resume lisbon-2'] },
    async () => (await peerChanges()).resumePeer,
  );
  grammar.leaf(
    peers,
    {
      usage: 'remove <peer>',
      does: `Remove a peer for good. ${PEER}`,
      examples: ['ap infrastructure peers remove lisbon-2 --confirm=lisbon-2'],
      options: [option('--confirm <name>', 'the id or label of the peer once more')],
    },
    async () => (await peerChanges()).removePeer,
  );
}

function defineServices(services: Command, grammar: Grammar): void {
  grammar.leaf(
    services,
    {
      usage: 'list',
      does: 'List the services and how they are',
      examples: ['ap infrastructure services list --status red'],
      options: [
        option('--status <status>', 'only those in this state').choices([...new Set([...COMPONENT_STATUSES, ...HEALTHS])]),
        limit(),
      ],
    },
    async () => (await serviceActions()).listServices,
  );
  grammar.leaf(
    services,
    { usage: 'get <service>', does: 'Show one service, by its id or name', examples: ['ap infrastructure services get postgresql'] },
    async () => (await serviceActions()).getService,
  );
}

function defineEvents(events: Command, grammar: Grammar): void {
  grammar.leaf(
    events,
    {
      usage: 'list',
      does: 'List events, newest first',
      examples: [
        'ap infrastructure events list --type federation.peer.registered --limit 10',
        'ap infrastructure events list --stream telemetry --subject telemetry.services.health.nats',
      ],
      options: [
        option('--stream <stream>', 'which stream').choices(STREAMS).default('facts'),
        option('--room <room>', 'only of this room, as in federation'),
        option('--type <type>', 'only of this type, as in federation.peer.registered'),
        option('--subject <subject>', 'only of this subject'),
        option('--actor <actor>', 'only by this actor, as in system:prober'),
        option('--before <position>', 'only older than this position'),
        limit(),
      ],
    },
    async () => (await import('./events.js')).listEvents,
  );
}
