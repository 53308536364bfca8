import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type { Accepted, Instant, JoinLine, NewAgent, NewPeer, NewRoute, PeerAccepted, RouteEdit, SessionOpened } from '../contract.js';
import { ProblemError, ask, newKey, rememberCsrf } from './http.js';
import { KEYS, listOf, routesOf } from './queries.js';

const peerPath = (peerId: string): string => `/peers/${encodeURIComponent(peerId)}`;

/** Every command on peers, as data: the page sends one of these and waits until its list shows it. */
export type PeerCommand =
  | { kind: 'add'; peer: NewPeer }
  | { kind: 'edit'; peerId: string; label: string }
  | { kind: 'suspend'; peerId: string; note: string; until: Instant | null }
  | { kind: 'resume'; peerId: string }
  | { kind: 'remove'; peerId: string };

function sendPeer(command: PeerCommand, idempotencyKey: string): Promise<PeerAccepted> {
  switch (command.kind) {
    case 'add':
      return ask('/peers', { method: 'POST', body: command.peer, idempotencyKey });
    case 'edit':
      return ask(peerPath(command.peerId), { method: 'PATCH', body: { label: command.label } });
    case 'suspend':
      return ask(`${peerPath(command.peerId)}/suspend`, {
        method: 'POST',
        body: { note: command.note, until: command.until },
        idempotencyKey,
      });
    case 'resume':
      return ask(`${peerPath(command.peerId)}/resume`, { method: 'POST', body: {}, idempotencyKey });
    case 'remove':
      return ask(peerPath(command.peerId), { method: 'DELETE' });
  }
}

export const usePeerCommand = () => useCommand(sendPeer, { key: KEYS.federation, read: (after) => listOf('federation', { after }) });

export type RouteCommand =
  | { kind: 'add'; route: NewRoute }
  | { kind: 'edit'; ruleId: string; edit: RouteEdit }
  | { kind: 'move'; ruleId: string; before: string | null }
  | { kind: 'remove'; ruleId: string };

const routePath = (ruleId: string): string => `/routes/${encodeURIComponent(ruleId)}`;

function sendRoute(command: RouteCommand, idempotencyKey: string): Promise<Accepted> {
  switch (command.kind) {
    case 'add':
      return ask('/routes', { method: 'POST', body: command.route, idempotencyKey });
    case 'edit':
      return ask(routePath(command.ruleId), { method: 'PATCH', body: command.edit, idempotencyKey });
    case 'move':
      return ask(`${routePath(command.ruleId)}/move`, { method: 'POST', body: { before: command.before }, idempotencyKey });
    case 'remove':
      return ask(routePath(command.ruleId), { method: 'DELETE' });
  }
}

export const useRouteCommand = () => useCommand(sendRoute, { key: KEYS.routes, read: (after) => routesOf({ after }) });

export interface Revocation {
  agentId: string;
  note: string;
}

const sendRevocation = ({ agentId, note }: Revocation, idempotencyKey: string): Promise<Accepted> =>
  ask(`/edge-agents/${encodeURIComponent(agentId)}/revoke`, { method: 'POST', body: { note }, idempotencyKey });

export const useRevoke = () => useCommand(sendRevocation, { key: KEYS.edge, read: (after) => listOf('edge', { after }) });

export interface Archiving {
  agentId: string;
  what: 'archive' | 'unarchive';
}

const sendArchiving = ({ agentId, what }: Archiving, idempotencyKey: string): Promise<Accepted> =>
  ask(`/edge-agents/${encodeURIComponent(agentId)}/${what}`, { method: 'POST', body: {}, idempotencyKey });

export const useArchive = () => useCommand(sendArchiving, { key: KEYS.edge, read: (after) => listOf('edge', { after }) });

const sendEnrolment = (agent: NewAgent, idempotencyKey: string): Promise<JoinLine> =>
  ask('/edge-agents/enroll', { method: 'POST', body: agent, idempotencyKey });

/** Makes a join token. No list shows those: the agent that uses it appears by itself. */
export const useEnrol = () => useCommand(sendEnrolment, null);

/** A list that shows what commands did, read no older than a position. */
interface Shown {
  readonly key: readonly string[];
  readonly read: (after: string) => Promise<object>;
}

/** Sends a command, then waits for its position: when the promise is kept, the list shows what was done, or says that it lags. */
function useCommand<Command, Answer extends Accepted>(
  send: (command: Command, idempotencyKey: string) => Promise<Answer>,
  shown: Shown | null,
) {
  const client = useQueryClient();
  const attempt = useRef({ said: '', key: '' });
  return useMutation<Answer, Error, Command>({
    mutationFn: async (command) => {
      // Pressed again after a lost answer it is the same request; changed in between it is another.
      const said = JSON.stringify(command);
      if (attempt.current.said !== said) attempt.current = { said, key: newKey() };
      const accepted = await send(command, attempt.current.key);
      attempt.current = { said: '', key: '' };
      if (shown !== null) await settle(client, shown, accepted);
      for (const queryKey of [KEYS.overview, KEYS.events, KEYS.archived]) void client.invalidateQueries({ queryKey });
      return accepted;
    },
  });
}

const PATIENCE = 3;

/** The read model follows within milliseconds; should it lag, the stream brings the row later, and the command stands all the same. */
async function settle(client: QueryClient, { key, read }: Shown, { position }: Accepted): Promise<void> {
  await client.cancelQueries({ queryKey: key });
  for (let attempt = 0; attempt < PATIENCE; attempt += 1) {
    try {
      client.setQueryData(key, await read(position));
      break;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.code !== 'read.behind') break;
    }
  }
}

/** Exchanges the one-time code for a session, whose cookie only the browser sees. */
export async function openSession(code: string): Promise<SessionOpened> {
  const opened = await ask<SessionOpened>('/session', { method: 'POST', body: { code }, anonymous: true });
  rememberCsrf(opened.csrf_token);
  return opened;
}

export const closeSession = (): Promise<void> => ask('/session', { method: 'DELETE' });
