import { Suspense, lazy, useSyncExternalStore } from 'react';
import type { Peer } from '../contract.js';
import { rememberOpener } from '../parts/opener.js';

/** The dialog that is open: at most one. Not in the URL, since a half-filled form is no place to send somebody to. */
export type Question = { kind: 'add' } | { kind: 'edit' | 'suspend' | 'remove'; peer: Peer } | { kind: 'help' };

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
    case 'help':
      return <Help onClose={close} />;
  }
}
