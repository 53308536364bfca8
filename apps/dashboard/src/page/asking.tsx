import { Suspense, lazy, useSyncExternalStore } from 'react';
import type { EdgeAgent, Peer, Position, Route } from '../contract.js';
import { rememberOpener } from '../parts/opener.js';

/** The dialog that is open: at most one. Not in the URL, since a half-filled form is no place to send somebody to. */
export type Question =
  | { kind: 'add' | 'enrol' | 'add-rule' | 'help' }
  | { kind: 'edit' | 'suspend' | 'remove'; peer: Peer }
  | { kind: 'revoke'; agent: EdgeAgent }
  | { kind: 'edit-rule' | 'remove-rule'; route: Route }
  | { kind: 'rebuild'; name: string }
  | { kind: 'void'; position: Position };

let question: Question | null = null;
const listeners = new Set<() => void>();

export function askFor(next: Question | null): void {
  if (question === null) rememberOpener();
  question = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

const AddPeer = lazy(() => import('../dialogs/add-peer.js'));
const EditPeer = lazy(() => import('../dialogs/edit-peer.js'));
const SuspendPeer = lazy(() => import('../dialogs/suspend-peer.js'));
const RemovePeer = lazy(() => import('../dialogs/remove-peer.js'));
const EnrolAgent = lazy(() => import('../dialogs/enrol-agent.js'));
const RevokeAgent = lazy(() => import('../dialogs/revoke-agent.js'));
const AddRule = lazy(() => import('../dialogs/add-rule.js'));
const EditRule = lazy(() => import('../dialogs/edit-rule.js'));
const RemoveRule = lazy(() => import('../dialogs/remove-rule.js'));
const RebuildModel = lazy(() => import('../dialogs/rebuild-model.js'));
const VoidEvent = lazy(() => import('../dialogs/void-event.js'));
const Help = lazy(() => import('../dialogs/help.js'));

export const QuestionLayer = () => {
  const open = useSyncExternalStore(subscribe, () => question);
  if (open === null) return null;
  return <Suspense fallback={null}>{dialogOf(open, () => askFor(null))}</Suspense>;
};

function dialogOf(open: Question, close: () => void) {
  switch (open.kind) {
    case 'add':
      return <AddPeer onClose={close} />;
    case 'edit':
      return <EditPeer peer={open.peer} onClose={close} />;
    case 'suspend':
      return <SuspendPeer peer={open.peer} onClose={close} />;
    case 'remove':
      return <RemovePeer peer={open.peer} onClose={close} />;
    case 'enrol':
      return <EnrolAgent onClose={close} />;
    case 'revoke':
      return <RevokeAgent agent={open.agent} onClose={close} />;
    case 'add-rule':
      return <AddRule onClose={close} />;
    case 'edit-rule':
      return <EditRule route={open.route} onClose={close} />;
    case 'remove-rule':
      return <RemoveRule route={open.route} onClose={close} />;
    case 'rebuild':
      return <RebuildModel name={open.name} onClose={close} />;
    case 'void':
      return <VoidEvent position={open.position} onClose={close} />;
    case 'help':
      return <Help onClose={close} />;
  }
}
