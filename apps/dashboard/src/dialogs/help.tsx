import { Fragment } from 'react';
import { StateShape } from '../parts/state-mark.js';
import { Modal } from '../parts/modal.js';

const KEYS = [
  ['/', 'Search'],
  ['j  k', 'Next row, row before'],
  ['Enter', 'Open the row'],
  ['Esc', 'Close'],
  ['r', 'Ask again'],
  ['?', 'This help'],
] as const;

const STATES = [
  ['green', 'up', 'It answered a round trip just now.'],
  ['amber', 'degraded', 'It works, but not as it should.'],
  ['red', 'down', 'It does not work.'],
  ['unknown', 'unknown', 'Nobody could look. Never counts as downtime.'],
  ['pending', 'unknown', 'Registered, never connected.'],
  ['suspended', 'unknown', 'Stopped by an operator.'],
] as const;

export default function Help({ onClose }: { onClose: () => void }) {
  return (
    <Modal title="Keys and signs" about="Shape, word and colour say the same." onClose={onClose}>
      <dl className="grid grid-cols-[72px_1fr] gap-x-3 gap-y-1.5">
        {KEYS.map(([key, what]) => (
          <Fragment key={key}>
            <dt>
              <kbd className="rounded border border-edge px-1.5 font-mono text-xs whitespace-pre">{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </Fragment>
        ))}
      </dl>
      <dl className="mt-4 grid grid-cols-[96px_1fr] gap-x-3 gap-y-1.5 border-t border-line pt-4">
        {STATES.map(([status, health, what]) => (
          <Fragment key={status}>
            <dt className="flex items-center gap-2 font-medium">
              <StateShape status={status} health={health} />
              {NAMES[status]}
            </dt>
            <dd className="text-soft">{what}</dd>
          </Fragment>
        ))}
      </dl>
    </Modal>
  );
}

const NAMES = { green: 'Healthy', amber: 'Degraded', red: 'Down', unknown: 'Unknown', pending: 'Pending', suspended: 'Suspended' } as const;
