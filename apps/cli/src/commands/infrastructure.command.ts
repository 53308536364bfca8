import type { Command } from 'commander';
import { COMPONENT_STATUSES, HEALTHS, STREAMS } from '../contract.js';
import { type Grammar, limit, option } from '../grammar.js';
import { AGENT, defineEdge } from './edge.command.js';
import { PEER, defineCalls, definePeers } from './peers.command.js';
import { defineProjections } from './projections.command.js';
import { defineRoutes } from './routes.command.js';

const serviceActions = () => import('./services.js');
const eventActions = () => import('./events.js');

/** `ap infrastructure ...` */
export function defineInfrastructure(program: Command, grammar: Grammar): void {
  const group = grammar
    .group(program, 'infrastructure', 'Peers, edge agents, services and events of the instance', 'ap infra status --all')
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
  grammar.leaf(
    group,
    {
      usage: 'doctor',
      does: 'Check everything the instance stands on: where to begin when something is wrong',
      examples: ['ap infrastructure doctor', 'ap infrastructure doctor --exit-status -o json'],
      options: [option('--exit-status', 'end with 10 when a check warns, 11 when one fails')],
    },
    async () => (await import('./doctor.js')).runDoctor,
  );
  definePeers(grammar.group(group, 'peers', 'Federation peers', 'ap infra peers list', PEER), grammar);
  defineCalls(grammar.group(group, 'calls', 'A2A calls between agents of both sides', 'ap infra calls get 01kb4x3m'), grammar);
  defineRoutes(grammar.group(group, 'routes', 'Which A2A calls may pass, and where to', 'ap infra routes list'), grammar);
  defineEdge(grammar.group(group, 'edge', 'Edge agents and the gateways beside them', 'ap infra edge list', AGENT), grammar);
  defineServices(grammar.group(group, 'services', 'Components and gateways', 'ap infra services list'), grammar);
  defineEvents(grammar.group(group, 'events', 'What happened, as it was recorded', 'ap infra events list'), grammar);
  defineProjections(
    grammar.group(group, 'projections', 'Read models, and rows of them that stand still', 'ap infra projections list'),
    grammar,
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
    async () => (await eventActions()).listEvents,
  );
  grammar.leaf(
    events,
    {
      usage: 'get <position>',
      does: 'Show one event with its headers and body as they are stored, also when no release can read it',
      examples: ['ap infrastructure events get f4711'],
    },
    async () => (await eventActions()).getEvent,
  );
}
