import { type FormEvent, useState } from 'react';
import { useRevoke } from '../api/commands.js';
import type { EdgeAgent } from '../contract.js';
import { nameOf } from '../logic/agents.js';
import { Button } from '../parts/button.js';
import { Field, ProblemNote } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { notify } from '../parts/notices.js';
import { useFormTrouble } from './use-form-trouble.js';

const HINTS = { note: /note/ } as const;

/** Asks for the name, since it cannot be undone: the agent's key is worth nothing from then on. */
export default function RevokeAgent({ agent, onClose }: { agent: EdgeAgent; onClose: () => void }) {
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState('');
  const { trouble, refused, sent, changed } = useFormTrouble(HINTS);
  const command = useRevoke();
  const name = nameOf(agent);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (typed !== name) return;
    sent();
    command.mutate(
      { agentId: agent.agent_id, note: note.trim() },
      {
        onError: refused,
        onSuccess: () => {
          notify(`${name} revoked`);
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      title={`Revoke ${name}`}
      about="Its tunnel is closed at once and its key is never accepted again. Its history stays. To bring it back, enrol it anew."
      onClose={onClose}
      grave
    >
      <form onSubmit={submit} className="grid gap-3" noValidate>
        {trouble.general !== null && <ProblemNote problem={trouble.general} />}
        <Field
          label="Why"
          name="note"
          maxLength={500}
          value={note}
          trouble={trouble.fields.note}
          hint="Shown with the agent, and kept in its history."
          onChange={({ target }) => {
            setNote(target.value);
            changed('note');
          }}
        />
        <Field label={`Type ${name} to confirm`} name="confirm" autoFocus value={typed} onChange={({ target }) => setTyped(target.value)} />
        <ModalActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" type="submit" disabled={command.isPending || typed !== name}>
            {command.isPending ? 'Revoking…' : 'Revoke agent'}
          </Button>
        </ModalActions>
      </form>
    </Modal>
  );
}
