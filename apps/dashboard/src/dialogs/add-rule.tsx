import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useRouteCommand } from '../api/commands.js';
import { peersQuery, routesQuery } from '../api/queries.js';
import type { Direction, NewRoute, Route } from '../contract.js';
import { COVERS, actionsOf, classesIn, ruleWords } from '../logic/rules.js';
import { Button } from '../parts/button.js';
import { Choices, Field, ProblemNote, Select } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { notifyOfAgent } from './agent-notice.js';
import { useFormTrouble } from './use-form-trouble.js';

const HINTS = { agent: /agent/, target_url: /target|url/, credential: /credential/, note: /note/ } as const;

const WAYS = [
  { value: 'out', name: 'Out, to a peer' },
  { value: 'in', name: 'In, from a peer' },
] as const;

const EMPTY = { peer_id: '', agent: '', classes: '', target_url: '', credential: '', note: '', before: '' };

/** What is left empty matches anything. */
export default function AddRule({ onClose }: { onClose: () => void }) {
  const [direction, setDirection] = useState<Direction>('out');
  const [action, setAction] = useState<Route['action']>('allow');
  const [values, setValues] = useState(EMPTY);
  const { trouble, refused, sent, changed } = useFormTrouble(HINTS);
  const { data: peers } = useQuery(peersQuery);
  const { data: rules } = useQuery(routesQuery);
  const command = useRouteCommand();
  const set = (name: keyof typeof EMPTY) => ({
    name,
    value: values[name],
    onChange: ({ target }: { target: { value: string } }): void => {
      setValues({ ...values, [name]: target.value });
      if (name in HINTS) changed(name as keyof typeof HINTS);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    sent();
    command.mutate(
      { kind: 'add', route: ruleOf(direction, action, values) },
      {
        onError: refused,
        onSuccess: (answer) => {
          notifyOfAgent('Rule added', answer);
          onClose();
        },
      },
    );
  };
  return (
    <Modal title="Add rule" about="Rules are asked in their order, and the first that matches decides." onClose={onClose}>
      <form onSubmit={submit} className="grid gap-3" noValidate>
        {trouble.general !== null && <ProblemNote problem={trouble.general} />}
        <Choices<Direction>
          legend="Calls that go"
          name="direction"
          options={WAYS}
          chosen={direction}
          onChoose={(next) => {
            setDirection(next);
            setAction(actionsOf(next)[0]!.value);
          }}
        />
        <div className="grid grid-cols-2 gap-3">
          <Select label="Peer" {...set('peer_id')}>
            <option value="">Any peer</option>
            {peers?.data.map((peer) => (
              <option key={peer.peer_id} value={peer.peer_id}>
                {peer.label}
              </option>
            ))}
          </Select>
          <Select label="Methods" {...set('classes')}>
            <option value="">{action === 'deny' ? 'Any method' : 'Read and send'}</option>
            {COVERS.slice(1).map(({ value, tells }) => (
              <option key={value} value={value}>
                {tells}
              </option>
            ))}
          </Select>
        </div>
        <Field
          label="Agent"
          placeholder="Any agent"
          trouble={trouble.fields.agent}
          hint="By its name on the side that is called."
          {...set('agent')}
        />
        <Choices<Route['action']> legend="Are" name="action" options={actionsOf(direction)} chosen={action} onChoose={setAction} />
        {action === 'route' && (
          <>
            <Field
              label="Target URL"
              type="url"
              inputMode="url"
              placeholder="http://127.0.0.1:9000/"
              trouble={trouble.fields.target_url}
              hint="The base URL of the agent here; it ends with a slash."
              {...set('target_url')}
            />
            <Field
              label="Credential"
              type="password"
              placeholder="Bearer …"
              trouble={trouble.fields.credential}
              hint="The Authorization header that the agent asks for, if it does. It is sealed, and never shown again."
              {...set('credential')}
            />
          </>
        )}
        <Field label="Note" maxLength={500} trouble={trouble.fields.note} hint="Why, for those who read it later." {...set('note')} />
        <Select label="Place" {...set('before')}>
          <option value="">After all others</option>
          {rules?.data.map((rule) => (
            <option key={rule.rule_id} value={rule.rule_id}>
              Before {rule.order}: {ruleWords(rule, peers?.data ?? [])}
            </option>
          ))}
        </Select>
        <ModalActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={command.isPending}>
            {command.isPending ? 'Adding…' : 'Add rule'}
          </Button>
        </ModalActions>
      </form>
    </Modal>
  );
}

/** Only what was filled in: what is absent matches anything. */
function ruleOf(direction: Direction, action: Route['action'], values: typeof EMPTY): NewRoute {
  const { target_url: target, classes, credential, ...rest } = values;
  const given = Object.entries(rest).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()] as const]));
  return {
    direction,
    action,
    ...(classes !== '' && { classes: classesIn(classes) }),
    ...(action === 'route' && { target_url: target.trim() }),
    ...(action === 'route' && credential.trim() !== '' && { credential: { value: credential.trim() } }),
    ...Object.fromEntries(given),
  };
}
