import type { FormEvent } from 'react';
import { ProblemError } from '../api/http.js';
import { useRebuildModel } from '../api/projections.js';
import { Button } from '../parts/button.js';
import { ProblemNote } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { notify } from '../parts/notices.js';

/** Begins a rebuild; the read model shows its progress. */
export default function RebuildModel({ name, onClose }: { name: string; onClose: () => void }) {
  const command = useRebuildModel();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    command.mutate(name, {
      onSuccess: () => {
        notify(`${name} is being rebuilt`);
        onClose();
      },
    });
  };
  return (
    <Modal
      title={`Rebuild ${name}`}
      about="All its rows are made again from the log, beside those in use. Readers keep the old rows until the new ones have caught up, and no read fails. Rows whose cause is still there are parked again."
      onClose={onClose}
      grave
    >
      <form onSubmit={submit} className="grid gap-3">
        {command.error instanceof ProblemError && <ProblemNote problem={command.error.problem} />}
        <ModalActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={command.isPending}>
            {command.isPending ? 'Starting…' : 'Rebuild'}
          </Button>
        </ModalActions>
      </form>
    </Modal>
  );
}
