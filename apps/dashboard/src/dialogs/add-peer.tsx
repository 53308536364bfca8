import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { usePeerCommand } from '../api/commands.js';
import { sessionQuery } from '../api/queries.js';
import type { NewPeer } from '../contract.js';
import { Button, CopyButton } from '../parts/button.js';
import { Field, ProblemNote } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { notify } from '../parts/notices.js';
import { useGo } from '../page/place.js';
import { useFormTrouble } from './use-form-trouble.js';

const HINTS = {
  remote_peer_id: /^federation\.peer-(exists|is-self)$/,
  label: /label/,
  url: /url/,
  outbound_secret: /secret/,
} as const;
type FieldName = keyof typeof HINTS;

const EMPTY: Record<FieldName, string> = { remote_peer_id: '', label: '', url: '', outbound_secret: '' };

/** Registers a peer. A secret made here is shown once, and the dialog does not close by accident before it was taken. */
export default function AddPeer({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<{ label: string; secret: string } | null>(null);
  const taken = useRef(false);
  const [reminded, setReminded] = useState(false);
  const mayClose = (): boolean => {
    if (made === null || taken.current) return true;
    setReminded(true);
    return false;
  };
  if (made !== null) {
    return (
      <Modal
        title={`${made.label} is registered`}
        about="This is the only time the secret is shown: it is kept encrypted and never given out again."
        onClose={onClose}
        mayClose={mayClose}
        grave
      >
        <SecretOnce secret={made.secret} reminded={reminded} onTaken={() => (taken.current = true)} onClose={onClose} />
      </Modal>
    );
  }
  return (
    <Modal title="Add peer" about="Another ClawButler instance, to exchange agent calls with." onClose={onClose}>
      <AddForm onClose={onClose} onMade={setMade} />
    </Modal>
  );
}

const AddForm = ({ onClose, onMade }: { onClose: () => void; onMade: (made: { label: string; secret: string }) => void }) => {
  const [values, setValues] = useState(EMPTY);
  const [own, setOwn] = useState(false);
  const { trouble, refused, sent, changed } = useFormTrouble<FieldName>(HINTS);
  const command = usePeerCommand();
  const go = useGo();
  const field = (name: FieldName) => ({
    name,
    value: values[name],
    trouble: trouble.fields[name],
    onChange: ({ target }: { target: HTMLInputElement }): void => {
      setValues({ ...values, [name]: target.value });
      changed(name);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    sent();
    const peer: NewPeer = { remote_peer_id: values.remote_peer_id.trim(), label: values.label.trim(), url: values.url.trim() };
    if (own) peer.outbound_secret = values.outbound_secret;
    command.mutate(
      { kind: 'add', peer },
      {
        onError: refused,
        onSuccess: ({ peer_id: id, outbound_secret: secret }) => {
          if (secret !== undefined) return onMade({ label: peer.label, secret });
          notify(`${peer.label} registered`);
          go({ section: 'federation', id });
          onClose();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className="grid gap-3" noValidate>
      {trouble.general !== null && <ProblemNote problem={trouble.general} />}
      <Field
        label="Remote peer id"
        autoFocus
        required
        className="font-mono"
        hint="The other side's instance id: its page shows it at the top left."
        {...field('remote_peer_id')}
      />
      <Field label="Label" required hint="What you call it here." {...field('label')} />
      <Field
        label="URL"
        required
        type="url"
        inputMode="url"
        placeholder="https://butler.example.com"
        hint="Where the other side answers."
        {...field('url')}
      />
      <fieldset>
        <legend className="mb-1 font-medium">Secret</legend>
        <div className="grid gap-1">
          <Choice name="secret" on={!own} onChoose={() => setOwn(false)}>
            Make one and show it once
          </Choice>
          <Choice name="secret" on={own} onChoose={() => setOwn(true)}>
            The other side gave me one
          </Choice>
        </div>
      </fieldset>
      {own && (
        <Field
          label="Shared secret"
          type="password"
          autoComplete="new-password"
          className="font-mono"
          hint="At least 24 characters."
          {...field('outbound_secret')}
        />
      )}
      <ModalActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" disabled={command.isPending}>
          {command.isPending ? 'Adding…' : 'Add peer'}
        </Button>
      </ModalActions>
    </form>
  );
};

const Choice = ({ name, on, onChoose, children }: { name: string; on: boolean; onChoose: () => void; children: ReactNode }) => (
  <label className="flex items-center gap-2">
    <input type="radio" name={name} checked={on} onChange={onChoose} className="size-4 accent-(--act)" />
    {children}
  </label>
);

const SecretOnce = ({
  secret,
  reminded,
  onTaken,
  onClose,
}: {
  secret: string;
  reminded: boolean;
  onTaken: () => void;
  onClose: () => void;
}) => {
  const { data: session } = useQuery(sessionQuery);
  return (
    <div className="grid gap-4">
      <div>
        <h3 className="mb-1 font-medium">Secret</h3>
        <div className="flex items-start gap-2">
          <code
            data-secret=""
            className="min-w-0 flex-1 rounded-md border border-edge bg-paper px-2.5 py-1.5 font-mono text-sm break-all select-all"
          >
            {secret}
          </code>
          <CopyButton text={secret} onCopied={onTaken} />
        </div>
        {reminded && (
          <p role="alert" className="mt-1 text-xs text-down">
            Copy the secret first, or press Done if you have it: it cannot be shown again.
          </p>
        )}
      </div>
      <div>
        <h3 className="mb-1 font-medium">What comes next</h3>
        <p className="text-soft">
          Give it to the operator of the other side by a way you trust, together with this instance's id
          {session !== undefined && (
            <>
              {' '}
              <code className="font-mono text-xs break-all text-ink">{session.instance_id}</code>
            </>
          )}
          . The peer stays pending until they have registered this instance with the same secret.
        </p>
      </div>
      <ModalActions>
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </ModalActions>
    </div>
  );
};
