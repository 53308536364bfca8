import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ProblemError } from '../api/http.js';
import { eventQuery, useVoidEvent } from '../api/projections.js';
import type { Position, StoredEvent } from '../contract.js';
import { Stored } from '../drawer/stored.js';
import { Button } from '../parts/button.js';
import { Field, ProblemNote } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { notify } from '../parts/notices.js';
import { useFormTrouble } from './use-form-trouble.js';

const HINTS = { reason: /reason/ } as const;
/** Enough of the hash to show that this event was looked at. */
const TYPED_CHARACTERS = 8;

/** Shows the event as it is stored, and asks for the beginning of its hash: a void cannot be undone. */
export default function VoidEvent({ position, onClose }: { position: Position; onClose: () => void }) {
  const query = useQuery(eventQuery(position));
  const event = query.data?.data;
  return (
    <Modal
      title={`Void event ${position}`}
      about="Every read model skips this event from now on, and rows that stand still because of it go on. The event stays in the log. This cannot be undone."
      onClose={onClose}
      grave
    >
      {event !== undefined ? (
        <Confirm event={event} onClose={onClose} />
      ) : query.error instanceof ProblemError ? (
        <ProblemNote problem={query.error.problem} />
      ) : (
        <div className="skeleton h-4 w-40" />
      )}
    </Modal>
  );
}

const Confirm = ({ event, onClose }: { event: StoredEvent; onClose: () => void }) => {
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const { trouble, refused, sent, changed } = useFormTrouble(HINTS);
  const command = useVoidEvent();
  const { position, hash, subject, unreadable } = event;
  const confirmed = typed.trim().toLowerCase() === hash.slice(0, TYPED_CHARACTERS) && reason.trim() !== '';
  const submit = (form: FormEvent): void => {
    form.preventDefault();
    if (!confirmed) return;
    sent();
    command.mutate(
      { position, hash, reason: reason.trim() },
      {
        onError: refused,
        onSuccess: () => {
          notify(`Event ${position} voided`);
          onClose();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className="grid grid-cols-1 gap-3" noValidate>
      {trouble.general !== null && <ProblemNote problem={trouble.general} />}
      <p className="break-words text-soft">
        {unreadable?.detail} On <span className="font-mono text-xs break-all">{subject}</span>.
      </p>
      <Stored event={event} short />
      <div>
        <h3 className="font-medium">Hash</h3>
        <p className="font-mono text-xs break-all">{hash}</p>
      </div>
      <Field
        label="Why"
        name="reason"
        maxLength={500}
        value={reason}
        trouble={trouble.fields.reason}
        hint="Recorded in the log, with who voided it."
        onChange={({ target }) => {
          setReason(target.value);
          changed('reason');
        }}
      />
      <Field
        label={`Type the first ${TYPED_CHARACTERS} characters of the hash to confirm`}
        name="confirm"
        className="font-mono"
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
      />
      <ModalActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" type="submit" disabled={command.isPending || !confirmed}>
          {command.isPending ? 'Voiding…' : 'Void event'}
        </Button>
      </ModalActions>
    </form>
  );
};
