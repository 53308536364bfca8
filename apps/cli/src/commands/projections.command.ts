import type { Command } from 'commander';
import { type Grammar, limit, option, waiting } from '../grammar.js';

const actions = () => import('./projections.js');
const changes = () => import('./projection-changes.js');

/** `ap infrastructure projections ...` */
export function defineProjections(projections: Command, grammar: Grammar): void {
  defineLists(projections, grammar);
  grammar.leaf(
    projections,
    {
      usage: 'retry <name>',
      does: 'Apply the events of parked rows again: of all of them, or of one. Ends with 1 when some stay parked',
      examples: [
        'ap infrastructure projections retry peer_directory',
        'ap infrastructure projections retry peer_directory --row peer-3f2a91bc04de77a1',
      ],
      options: [
        option('--row <key>', 'only the row with this key'),
        option('--subject <subject>', 'only this subject, as in facts.federation.peer.peer-3f2a91bc04de77a1'),
      ],
    },
    async () => (await changes()).retryProjection,
  );
  grammar.leaf(
    projections,
    {
      usage: 'rebuild <name>',
      does: 'Build a read model again from the log, beside the one in use, and replace that one when it has caught up',
      examples: ['ap infrastructure projections rebuild peer_directory --wait'],
      options: [waiting('wait until it has replaced the old rows (10m unless told)', '10m')],
    },
    async () => (await changes()).rebuildProjection,
  );
  grammar.leaf(
    projections,
    {
      usage: 'void <position>',
      does: 'Make every read model skip one event that no release can read. Shows the event unless confirmed; cannot be undone',
      examples: [
        'ap infrastructure projections void f4711',
        'ap infrastructure projections void f4711 --confirm=9f86d081... --reason "sent by hand"',
      ],
      options: [
        option('--confirm <hash>', 'the hash of the event, as shown without this option'),
        option('--reason <text>', 'why, for the record'),
      ],
    },
    async () => (await import('./void-event.js')).voidEvent,
  );
}

function defineLists(projections: Command, grammar: Grammar): void {
  grammar.leaf(
    projections,
    {
      usage: 'list',
      does: 'List the read models: state, lag and parked rows',
      examples: ['ap infrastructure projections list'],
    },
    async () => (await actions()).listProjections,
  );
  grammar.leaf(
    projections,
    {
      usage: 'parked [name]',
      does: 'List the rows and subjects that stand still, oldest first, of one read model or of all',
      examples: ['ap infrastructure projections parked', 'ap infrastructure projections parked peer_directory'],
      options: [limit()],
    },
    async () => (await actions()).listParked,
  );
}
