import { CONTEXTS } from '@app/contexts';
import type { EventClass } from '@app/kernel';

const events = CONTEXTS.flatMap(({ events: of }) => Object.values(of as Record<string, unknown>)).filter(
  (item): item is EventClass => typeof item === 'function' && 'type' in item,
);

it('keeps the last of each stream for what takes rights away or ends something, and for no others', () => {
  const reserved = events.filter(({ reserve }) => reserve === true);
  expect(reserved.map(({ type }) => type).sort()).toEqual([
    'access.session.closed',
    'access.token.held',
    'access.token.revoked',
    'edge.agent.held',
    'edge.agent.revoked',
    'edge.tunnel.disconnected',
    'edge.tunnel.superseded',
    'federation.call.abandoned',
    'federation.call.aborted',
    'federation.call.completed',
    'federation.call.failed',
    'federation.peer.held',
    'federation.peer.removed',
    'federation.peer.suspended',
    'federation.remote-peer.released',
    'federation.route.held',
    'federation.route.removed',
    'log.event.voided',
    'log.stream.accepted',
  ]);
  for (const { type, kind } of reserved) expect([type, kind]).toEqual([type, type.startsWith('federation.call.') ? 'call' : 'fact']);
});
