import { type Holdable, idIn } from '@app/kernel';
import { ROUTE_TABLE } from './routing/events/route-table-id.js';
import { routeTable } from './routing/route-table.stream.js';
import { peerDirectory } from './peers/read/peer-directory/peer-directory.projection.js';
import type { PeerRow } from './peers/read/peer-directory/peer-directory.view.js';
import { routeDirectory } from './routing/read/route-directory/route-directory.projection.js';
import type { RouteDirectoryRow, RouteEntry } from './routing/read/route-directory/route-directory.view.js';
import { holdPeer } from './peers/write/hold-peer/hold-peer.decide.js';
import { holdRoute } from './routing/write/hold-route/hold-route.decide.js';

/** A rule opens what no rule before it denies: so a rule that denies and was lost holds all that it stood before. */
function rightsOf({ rules }: RouteDirectoryRow): Map<string, string> {
  const rights = new Map<string, string>();
  const denials: string[] = [];
  for (const rule of rules) {
    const text = JSON.stringify(fieldsOf(rule));
    if (rule.action === 'deny' || rule.held) denials.push(text);
    else rights.set(rule.rule_id, JSON.stringify([text, denials]));
  }
  return rights;
}

/** The fields that decide what a rule lets through, each as a scalar: the database keeps no order of keys. */
const fieldsOf = ({ rule_id, direction, peer_id, agent, classes, action, target_url, credential, limits }: RouteEntry): unknown[] => [
  ...[rule_id, direction, peer_id, agent, classes, action, target_url, credential?.credential_id],
  ...[limits?.calls_per_minute, limits?.concurrent_calls, limits?.body_bytes],
];

/** What of this context lets calls through, for an accept of the log. */
export const holds: readonly Holdable[] = [
  {
    what: 'peers',
    model: peerDirectory,
    rights: ({ peer_id, lifecycle, url, secret_fingerprint }: PeerRow) =>
      new Map(lifecycle === 'suspended' ? [] : [[peer_id, JSON.stringify([url, secret_fingerprint])]]),
    hold: holdPeer,
    of: (peer_id) => ({ peer_id }),
    about: async (subject) => idIn('federation.peer', subject).map((peer_id) => ({ peer_id })),
    named: ({ label, url }: PeerRow, id) => `${id} "${label}" ${url}`,
  },
  {
    what: 'routing rules',
    model: routeDirectory,
    rights: rightsOf,
    hold: holdRoute,
    of: (rule_id) => ({ rule_id }),
    about: async (subject, read) =>
      idIn(routeTable.name, subject).length === 0 ? [] : (await read(routeTable.of(ROUTE_TABLE))).map(({ rule_id }) => ({ rule_id })),
    named: ({ rules }: RouteDirectoryRow, id) => {
      const rule = rules.find(({ rule_id }) => rule_id === id);
      return `${id} ${rule?.direction} ${rule?.action} peer ${rule?.peer_id ?? 'any'} agent ${rule?.agent ?? 'any'}`;
    },
  },
];
