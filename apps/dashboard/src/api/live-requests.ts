import { useMutation } from '@tanstack/react-query';
import type { LinkTest, NewLink, Ping, RouteDecision, RouteQuestion } from '../contract.js';
import { ask } from './http.js';

/** What is asked of the world and not of a read model: the answer is of this moment, and changes nothing here. */

const peerPath = (peerId: string): string => `/peers/${encodeURIComponent(peerId)}`;

/** Challenges an address before anything is saved. */
export const useTestBeforeSave = () =>
  useMutation<LinkTest, Error, NewLink>({ mutationFn: (body) => ask('/peers/test', { method: 'POST', body }) });

/** `test`: one challenge. `retry`: the same, and the waiting between attempts begins anew. */
export const useTestPeer = (peerId: string) =>
  useMutation<LinkTest, Error, 'test' | 'retry'>({
    mutationFn: (what) => ask(`${peerPath(peerId)}/${what}`, { method: 'POST', body: {} }),
  });

export const usePingAgent = (agentId: string) =>
  useMutation<Ping, Error, void>({
    mutationFn: () => ask(`/edge-agents/${encodeURIComponent(agentId)}/ping`, { method: 'POST', body: {} }),
  });

/** Which rule a call would meet. */
export const useDryRun = () =>
  useMutation<RouteDecision, Error, RouteQuestion>({ mutationFn: (body) => ask('/routes/test', { method: 'POST', body }) });
