import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useRouteCommand } from '../api/commands.js';
import { ProblemError } from '../api/http.js';
import { peersQuery } from '../api/queries.js';
import type { Route } from '../contract.js';
import { ruleWords } from '../logic/rules.js';
import { Button } from '../parts/button.js';
import { ProblemNote } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { notify } from '../parts/notices.js';

/** The next call is judged without it. */
export default function RemoveRule({ route, onClose }: { route: Route; onClose: () => void }) {
  const { data: peers } = useQuery(peersQuery);
  const command = useRouteCommand();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    command.mutate(
      { kind: 'remove', ruleId: route.rule_id },
      {
        onSuccess: () => {
          notify(`Rule ${route.order} removed`);
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      title={`Remove rule ${route.order}`}
      about={`${ruleWords(route, peers?.data ?? [])}. The next call is judged by the rules that remain; where none matches, it is denied.`}
      onClose={onClose}
      grave
    >
      <form onSubmit={submit} className="grid gap-3">
        {command.error instanceof ProblemError && <ProblemNote problem={command.error.problem} />}
        <ModalActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" type="submit" disabled={command.isPending}>
            {command.isPending ? 'Removing…' : 'Remove rule'}
          </Button>
        </ModalActions>
      </form>
    </Modal>
  );
}
