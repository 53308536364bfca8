import { type FormEvent, useState } from 'react';
import { usePeerCommand } from '../api/commands.js';
import { ProblemError } from '../api/http.js';
import type { Peer } from '../contract.js';
import { Button } from '../parts/button.js';
import { Field, ProblemNote } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { notify } from '../parts/notices.js';
import { useGo } from '../page/place.js';

/** Asks for the name, since it cannot be undone: nobody types a name by mistake. */
export default function RemovePeer({ peer, onClose }: { peer: Peer; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const command = usePeerCommand();
  const go = useGo();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (typed !== peer.label) return;
    command.mutate(
      { kind: 'remove', peerId: peer.peer_id },
      {
        onSuccess: () => {
          notify(`${peer.label} removed`);
          go({ id: undefined, tab: undefined }, true);
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      title={`Remove ${peer.label}`}
      about="Its secret is destroyed and calls end at once. Its history stays in the log. To connect again, register it anew."
      onClose={onClose}
      grave
    >
      <form onSubmit={submit} className="grid gap-3" noValidate>
        {command.error instanceof ProblemError && <ProblemNote problem={command.error.problem} />}
        <Field
          label={`Type ${peer.label} to confirm`}
          name="confirm"
          autoFocus
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
        <ModalActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" type="submit" disabled={command.isPending || typed !== peer.label}>
            {command.isPending ? 'Removing…' : 'Remove peer'}
          </Button>
        </ModalActions>
      </form>
    </Modal>
  );
}
