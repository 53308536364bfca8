import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useRouteCommand } from '../api/commands.js';
import { peersQuery, routesQuery } from '../api/queries.js';
import type { Route, RouteEdit } from '../contract.js';
import { COVERS, classesIn, ruleWords } from '../logic/rules.js';
import { Button } from '../parts/button.js';
import { Field, ProblemNote, Select } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { notifyOfAgent } from './agent-notice.js';
import { useFormTrouble } from './use-form-trouble.js';

const HINTS = { target_url: /target|url/, credential: /credential/, note: /note/ } as const;

const LIMITS = [
  { name: 'calls_per_minute', label: 'Calls a minute' },
  { name: 'concurrent_calls', label: 'Calls at once' },
  { name: 'body_bytes', label: 'Request bodies at once, bytes' },
] as const;
type Limit = (typeof LIMITS)[number]['name'];

type Values = Record<'classes' | 'target_url' | 'credential' | 'note' | 'before' | Limit, string>;

/** Where a rule stands already. */
const HERE = 'here';

/** What is not changed is not sent: the credential, of which nothing is shown, stays unless another is given. */
export default function EditRule({ route, onClose }: { route: Route; onClose: () => void }) {
  const { data: peers } = useQuery(peersQuery);
  const { data: rules } = useQuery(routesQuery);
  const before: Values = {
    classes: route.classes?.join(',') ?? '',
    target_url: route.target_url ?? '',
    credential: '',
    ...limitsOf(route),
    note: route.note,
    before: HERE,
  };
  const [values, setValues] = useState(before);
  const [withoutCredential, setWithoutCredential] = useState(false);
  const { trouble, refused, sent, changed } = useFormTrouble(HINTS);
  const command = useRouteCommand();
  const set = (name: keyof Values) => ({
    name,
    value: values[name],
    onChange: ({ target }: { target: { value: string } }): void => {
      setValues({ ...values, [name]: target.value });
      if (name in HINTS) changed(name as keyof typeof HINTS);
    },
  });
  const send = async (): Promise<void> => {
    const edit = { ...editOf(before, values), ...(withoutCredential && { credential: null }) };
    const ruleId = route.rule_id;
    const edited = Object.keys(edit).length > 0 ? await command.mutateAsync({ kind: 'edit', ruleId, edit }) : undefined;
    const to = values.before === '' ? null : values.before;
    const moved = values.before !== HERE ? await command.mutateAsync({ kind: 'move', ruleId, before: to }) : undefined;
    const answer = edited ?? moved;
    if (answer !== undefined) notifyOfAgent('Rule changed', answer);
    onClose();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    sent();
    send().catch(refused);
  };
  return (
    <Modal title={`Edit rule ${route.order}`} about={ruleWords(route, peers?.data ?? [])} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-3" noValidate>
        {trouble.general !== null && <ProblemNote problem={trouble.general} />}
        <Select label="Methods" {...set('classes')}>
          {route.classes === null && <option value="">Any method, as an earlier release added it</option>}
          {COVERS.map(({ value, tells }) => (
            <option key={value} value={value}>
              {tells}
            </option>
          ))}
          {route.classes !== null && !COVERS.some(({ value }) => value === before.classes) && (
            <option value={before.classes}>{before.classes}</option>
          )}
        </Select>
        {route.action === 'route' && (
          <>
            <Field label="Target URL" type="url" inputMode="url" trouble={trouble.fields.target_url} {...set('target_url')} />
            <Field
              label="New credential"
              type="password"
              placeholder="Bearer …"
              trouble={trouble.fields.credential}
              hint={credentialHint(route, withoutCredential)}
              disabled={withoutCredential}
              {...set('credential')}
            />
            {route.credential !== null && (
              <label className="flex items-center gap-2">
                <input
                  type="checkbox"
                  checked={withoutCredential}
                  onChange={({ target }) => setWithoutCredential(target.checked)}
                  className="size-4 accent-(--act)"
                />
                Remove the credential
              </label>
            )}
          </>
        )}
        {route.action !== 'deny' && (
          <fieldset className="grid gap-3 sm:grid-cols-3">
            <legend className="mb-1 text-xs text-faint">
              {route.limits === null ? 'Limits: none are enforced. Those left empty get their default.' : 'Limits'}
            </legend>
            {LIMITS.map(({ name, label }) => (
              <Field key={name} label={label} inputMode="numeric" pattern="[0-9]*" {...set(name)} />
            ))}
          </fieldset>
        )}
        <Field label="Note" maxLength={500} trouble={trouble.fields.note} {...set('note')} />
        <Select label="Place" {...set('before')}>
          <option value={HERE}>Where it is</option>
          {rules?.data
            .filter(({ rule_id: id }) => id !== route.rule_id)
            .map((rule) => (
              <option key={rule.rule_id} value={rule.rule_id}>
                Before {rule.order}: {ruleWords(rule, peers?.data ?? [])}
              </option>
            ))}
          <option value="">After all others</option>
        </Select>
        <ModalActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={command.isPending}>
            {command.isPending ? 'Saving…' : 'Save'}
          </Button>
        </ModalActions>
      </form>
    </Modal>
  );
}

const limitsOf = ({ limits }: Route): Record<Limit, string> => ({
  calls_per_minute: String(limits?.calls_per_minute ?? ''),
  concurrent_calls: String(limits?.concurrent_calls ?? ''),
  body_bytes: String(limits?.body_bytes ?? ''),
});

function credentialHint({ credential }: Route, withoutIt: boolean): string {
  if (credential === null) return 'Calls are sent without one.';
  return withoutIt ? 'Calls are sent without one from then on.' : `Left empty, version ${credential.version} stays.`;
}

/** Only what is another. A limit that is no number is sent as it is, for the API to say so. */
function editOf(before: Values, values: Values): RouteEdit {
  const { classes, target_url: target, credential, note } = values;
  const changed = LIMITS.filter(({ name }) => values[name].trim() !== before[name] && values[name].trim() !== '');
  const limits = Object.fromEntries(changed.map(({ name }) => [name, Number(values[name])]));
  return {
    ...(classes !== before.classes && { classes: classesIn(classes) }),
    ...(target.trim() !== before.target_url && { target_url: target.trim() }),
    ...(credential.trim() !== '' && { credential: { value: credential.trim() } }),
    ...(changed.length > 0 && { limits }),
    ...(note.trim() !== before.note && { note: note.trim() }),
  };
}
