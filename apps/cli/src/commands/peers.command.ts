import type { Command } from 'commander';
import { DIRECTIONS, OUTCOMES, PEER_STATUSES } from '../contract.js';
import { type Grammar, limit, option, required } from '../grammar.js';

const peerActions = () => import('./peers.js');
const peerChanges = () => import('./peer-changes.js');

/** `ap infrastructure peers ...` */
export function definePeers(peers: Command, grammar: Grammar): void {
  defineReads(peers, grammar);
  defineTries(peers, grammar);
  defineChanges(peers, grammar);
}

/** `ap infrastructure calls ...` */
export function defineCalls(calls: Command, grammar: Grammar): void {
  grammar.leaf(
    calls,
    {
      usage: 'get <call_id>',
      does: 'Show one call. Both sides know it by the same id',
      examples: ['ap infrastructure calls get 01kb4x3m9v2e7xqh5rgd0t8ynw'],
    },
    async () => (await import('./calls.js')).getCall,
  );
}

export const PEER = '<peer> is the id of a peer, or a label that only one peer has.';

function defineReads(peers: Command, grammar: Grammar): void {
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
    { usage: 'get <peer>', does: 'Show one peer', takes: PEER, examples: ['ap infrastructure peers get "Lisbon, second hall"'] },
    async () => (await peerActions()).getPeer,
  );
  grammar.leaf(
    peers,
    {
      usage: 'calls <peer>',
      does: 'List the A2A calls from and to a peer, newest first; of one that was removed by its id',
      takes: PEER,
      examples: [
        'ap infrastructure peers calls lisbon-2 --since 1h',
        'ap infrastructure peers calls lisbon-2 --direction in --outcome failed -o json',
      ],
      options: [
        option('--direction <direction>', 'only those from it (in), or to it (out)').choices(DIRECTIONS),
        option('--outcome <outcome>', 'only those that ended so').choices(OUTCOMES),
        option('--since <when>', 'only those after 2026-12-01T08:00:00Z, or of the last 2h'),
        limit(),
      ],
    },
    async () => (await import('./calls.js')).listCalls,
  );
}

/** The link to a peer, tried now. */
function defineTries(peers: Command, grammar: Grammar): void {
  grammar.leaf(
    peers,
    {
      usage: 'test [peer]',
      does:
        'Go through the handshake with a peer, and change nothing; ends with 1 when that fails. Without <peer> it is one that is not ' +
        'registered: then --url is its address, and that of the API stands before the command, or in AP_URL',
      takes: PEER,
      examples: [
        'ap infrastructure peers test lisbon-2',
        'ap infrastructure peers test --remote-peer-id inst-7f3q --url https://lisbon.example --secret-file lisbon.secret',
      ],
      options: [
        option('--remote-peer-id <id>', "the other side's own instance id"),
        option('--url <url>', 'where the other side answers'),
        ...secretOptions(),
      ],
    },
    async () => (await import('./link.js')).testPeer,
  );
  grammar.leaf(
    peers,
    {
      usage: 'retry <peer>',
      does: 'Try to reach a peer now, instead of when it is next due; ends with 1 when that fails',
      takes: PEER,
      examples: ['ap infrastructure peers retry lisbon-2'],
    },
    async () => (await import('./link.js')).retryPeer,
  );
}

function defineChanges(peers: Command, grammar: Grammar): void {
  grammar.leaf(
    peers,
    {
      usage: 'release [peer_id]',
      does: 'Give back to a peer what an accept of the log holds; without an id, list what is held',
      examples: ['ap infrastructure peers release peer-3f2a91bc04de77a1', 'ap infrastructure peers release --all --confirm=3'],
      options: [option('--all', 'all that are held'), option('--confirm <number>', 'with --all: how many that are, as the list says')],
    },
    async () => (await import('./release.js')).releasePeer,
  );
  grammar.leaf(
    peers,
    {
      usage: 'pin <peer>',
      does: 'Confirm the instance key that a peer shows instead of the pinned one. Its operator reads the fingerprint off there: doctor',
      takes: PEER,
      examples: ['ap infrastructure peers pin lisbon-2 --fingerprint 21fe-31df-a154-a261-626b-f854-046f-d227'],
      options: [required('--fingerprint <fingerprint>', 'of the key that the peer shows')],
    },
    async () => (await peerChanges()).pinPeerKey,
  );
  grammar.leaf(
    peers,
    {
      usage: 'add',
      does:
        'Register a peer. The secret that both sides share comes from a file or standard input; without one it is made, and shown ' +
        'once. Here --url is the address of the peer; that of the API stands before the command, or in AP_URL.',
      examples: [
        'ap infrastructure peers add --remote-peer-id inst-7f3q --url https://lisbon.example --label Lisbon',
        'ap infrastructure peers add --remote-peer-id inst-7f3q --url https://lisbon.example --label Lisbon --secret-file lisbon.secret --test',
      ],
      options: [
        required('--remote-peer-id <id>', "the other side's own instance id"),
        required('--url <url>', 'where the other side answers'),
        required('--label <label>', 'what you call it'),
        ...secretOptions(),
        option('--test', 'go through the handshake first, and save nothing when that fails'),
      ],
    },
    async () => (await peerChanges()).addPeer,
  );
  grammar.leaf(
    peers,
    {
      usage: 'edit <peer>',
      does: 'Give a peer another label',
      takes: PEER,
      examples: ['ap infrastructure peers edit lisbon-2 --label "Lisbon, second hall"'],
      options: [required('--label <label>', 'the new label')],
    },
    async () => (await peerChanges()).editPeer,
  );
  grammar.leaf(
    peers,
    {
      usage: 'suspend <peer>',
      does: 'Stop the traffic with a peer, for a while or until it is resumed',
      takes: PEER,
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
    { usage: 'resume <peer>', does: 'Let a suspended peer go on', takes: PEER, examples: ['ap infrastructure peers resume lisbon-2'] },
    async () => (await peerChanges()).resumePeer,
  );
  grammar.leaf(
    peers,
    {
      usage: 'remove <peer>',
      does: 'Remove a peer for good',
      takes: PEER,
      examples: ['ap infrastructure peers remove lisbon-2 --confirm=lisbon-2'],
      options: [option('--confirm <name>', 'the id or label of the peer once more')],
    },
    async () => (await peerChanges()).removePeer,
  );
}

const secretOptions = () => [
  option('--secret-file <path>', 'read the secret from this file').conflicts('secretStdin'),
  option('--secret-stdin', 'read the secret from standard input'),
];
