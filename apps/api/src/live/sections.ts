import { agentDirectory, agentEvaluated, agentLatest, agentRejections, getAgent } from '@app/edge';
import { getPeer, peerCalls, peerDirectory, peerEvaluated, peerLatest } from '@app/federation';
import type { Instant } from '@app/kernel';
import { type LiveOverlay, componentDirectory, componentEvaluated, componentLatest, getComponent, seenGateways } from '@app/services';
import type { LiveSection } from './live-feed.js';

/** The component that all gateways add up to. */
const ROLL_UP = 'gateways';

/** What the page shows, as it is read again when a row of it changed. */
export const sections = (live: LiveOverlay): LiveSection[] => {
  const component: LiveSection['get'] = async (reads, id) => {
    const now = new Date().toISOString() as Instant;
    const { data, ...answer } = await reads.answer(componentDirectory, { component_id: id } as object, (db) => getComponent(db, id, now));
    return { ...answer, data: data === undefined ? null : (live.over([data])[0] ?? null) };
  };
  return [
    {
      section: 'federation',
      models: [peerDirectory, peerEvaluated, peerLatest, peerCalls],
      get: (reads, id) => reads.answer(peerDirectory, { peer_id: id } as object, (db) => getPeer(db, id)),
    },
    {
      section: 'edge',
      models: [agentDirectory, agentEvaluated, agentLatest, agentRejections],
      get: (reads, id) => reads.answer(agentDirectory, { agent_id: id } as object, (db) => getAgent(db, id)),
    },
    { section: 'services', models: [componentDirectory, componentEvaluated, componentLatest], get: component },
    { section: 'services', models: [seenGateways], idOf: () => ROLL_UP, get: component },
  ];
};
