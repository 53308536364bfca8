import { type FormEvent, useState } from 'react';
import { feed } from '../api/feed.js';
import { usePeerCommand } from '../api/commands.js';
import type { Instant, Peer } from '../contract.js';
import { Button } from '../parts/button.js';
import { Choices, Field, ProblemNote } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { notify } from '../parts/notices.js';
import { useFormTrouble } from './use-form-trouble.js';

const HINTS = { note: /note/, until: /until/ } as const;

const HOUR_MS = 3_600_000;
const ENDS = [
  { name: 'Until resumed', value: null },
  { name: '1 hour', value: HOUR_MS },
  { name: '8 hours', value: 8 * HOUR_MS },
  { name: '1 day', value: 24 * HOUR_MS },
  { name: 'Until…', value: 'chosen' },
] as const;
type End = (typeof ENDS)[number]['value'];

/** By the server's clock, which is the one that ends it. `chosen` is of this browser's zone, as its input gives it. */
function untilOf(end: End, chosen: string): Instant | null {
  if (end === null) return null;
  if (end !== 'chosen') return new Date(feed.clock.now() + end).toISOString();
  const at = new Date(chosen);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

export default function SuspendPeer({ peer, onClose }: { peer: Peer; onClose: () => void }) {
  const [note, setNote] = useState('');
  const [end, setEnd] = useState<End>(null);
  const [chosen, setChosen] = useState('');
  const { trouble, refused, sent, changed } = useFormTrouble(HINTS);
  const command = usePeerCommand();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    sent();
    command.mutate(
      { kind: 'suspend', peerId: peer.peer_id, note: note.trim(), until: untilOf(end, chosen) },
      {
        onError: refused,
        onSuccess: () => {
          notify(`${peer.label} suspended`);
          onClose();
        },
      },
    );
  };
  return (
    <Modal title={`Suspend ${peer.label}`} about="No calls in or out until it is resumed. What was registered is kept." onClose={onClose}>
      <form onSubmit={submit} className="grid gap-3" noValidate>
        {trouble.general !== null && <ProblemNote problem={trouble.general} />}
        <Field
          label="Why"
          name="note"
          autoFocus
          maxLength={500}
          value={note}
          trouble={trouble.fields.note}
          hint="Shown with the peer, and kept in its history."
          onChange={({ target }) => setNote(target.value)}
        />
        <Choices<End>
          legend="For how long"
          name="end"
          options={ENDS}
          chosen={end}
          onChoose={(next) => {
            setEnd(next);
            changed('until');
          }}
        />
        {end === 'chosen' ? (
          <Field
            label="Until"
            name="until"
            type="datetime-local"
            value={chosen}
            trouble={trouble.fields.until}
            hint="In your time zone."
            onChange={({ target }) => {
              setChosen(target.value);
              changed('until');
            }}
          />
        ) : (
          trouble.fields.until !== undefined && <p className="text-xs text-down">{trouble.fields.until}</p>
        )}
        <ModalActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={command.isPending || (end === 'chosen' && chosen === '')}>
            {command.isPending ? 'Suspending…' : 'Suspend'}
          </Button>
        </ModalActions>
      </form>
    </Modal>
  );
}
