import { type FormEvent, useState } from 'react';
import { usePeerCommand } from '../api/commands.js';
import type { Peer } from '../contract.js';
import { Button } from '../parts/button.js';
import { Field, ProblemNote } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { notify } from '../parts/notices.js';
import { useFormTrouble } from './use-form-trouble.js';

const HINTS = { label: /label/ } as const;

export default function EditPeer({ peer, onClose }: { peer: Peer; onClose: () => void }) {
  const [label, setLabel] = useState(peer.label);
  const { trouble, refused, sent } = useFormTrouble(HINTS);
  const command = usePeerCommand();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    sent();
    command.mutate(
      { kind: 'edit', peerId: peer.peer_id, label: label.trim() },
      {
        onError: refused,
        onSuccess: () => {
          notify(`Now called ${label.trim()}`);
          onClose();
        },
      },
    );
  };
  return (
    <Modal title="Edit label" about="Only what this instance calls the peer. Nothing changes on the other side." onClose={onClose}>
      <form onSubmit={submit} className="grid gap-3" noValidate>
        {trouble.general !== null && <ProblemNote problem={trouble.general} />}
        <Field label="Label" autoFocus value={label} trouble={trouble.fields.label} onChange={({ target }) => setLabel(target.value)} />
        <ModalActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={command.isPending || label.trim() === ''}>
            {command.isPending ? 'Saving…' : 'Save'}
          </Button>
        </ModalActions>
      </form>
    </Modal>
  );
}
