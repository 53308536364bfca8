import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { usePeerCommand } from '../api/commands.js';
import { sessionQuery } from '../api/queries.js';
import { useTestBeforeSave, useTestPeer } from '../api/live-requests.js';
import type { NewPeer } from '../contract.js';
import { troublesOf } from '../logic/peer-form.js';
import { AnswerNote } from '../parts/answer-note.js';
import { Button, CopyButton } from '../parts/button.js';
import { Field, ProblemNote } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { announce, notify } from '../parts/notices.js';
import { useGo } from '../page/place.js';
import { ProblemError } from '../api/http.js';
import { ShownOnce, useTaken } from './shown-once.js';
import { useFormTrouble } from './use-form-trouble.js';

const HINTS = {
  remote_peer_id: /^federation\.peer-(exists|is-self)$/,
  label: /label/,
  url: /url/,
  outbound_secret: /secret/,
} as const;
type FieldName = keyof typeof HINTS;

const NAMES = { remote_peer_id: 'remote peer id', url: 'URL', outbound_secret: 'shared secret' } as const;

const EMPTY: Record<FieldName, string> = { remote_peer_id: '', label: '', url: '', outbound_secret: '' };

interface Made {
  readonly id: string;
  readonly label: string;
  readonly secret: string;
}

/** Registers a peer. A secret made here is shown once, and the dialog does not close by accident before it was taken. */
export default function AddPeer({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<Made | null>(null);
  const taken = useTaken();
  if (made !== null) {
    return (
      <Modal
        title={`${made.label} is registered`}
        about="This is the only time the secret is shown: it is kept encrypted and never given out again."
        onClose={onClose}
        mayClose={() => taken.mayClose(false)}
        grave
      >
        <SecretOnce made={made} reminded={taken.reminded} onTaken={taken.take} onClose={onClose} />
      </Modal>
    );
  }
  return (
    <Modal title="Add peer" about="Another ClawButler instance, to exchange agent calls with." onClose={onClose}>
      <AddForm onClose={onClose} onMade={setMade} />
    </Modal>
  );
}

const AddForm = ({ onClose, onMade }: { onClose: () => void; onMade: (made: Made) => void }) => {
  const [values, setValues] = useState(EMPTY);
  const [own, setOwn] = useState(false);
  const { trouble, refused, sent, found, changed } = useFormTrouble<FieldName>(HINTS, NAMES);
  const command = usePeerCommand();
  const test = useTestBeforeSave();
  const go = useGo();
  const peer: NewPeer = { remote_peer_id: values.remote_peer_id.trim(), label: values.label.trim(), url: values.url.trim() };
  const field = (name: FieldName) => ({
    name,
    value: values[name],
    trouble: trouble.fields[name],
    onChange: ({ target }: { target: HTMLInputElement }): void => {
      setValues({ ...values, [name]: target.value });
      changed(name);
      // What was tested is not what stands there now.
      if (name !== 'label') test.reset();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const troubles = troublesOf(peer);
    if (Object.keys(troubles).length > 0) return found(troubles);
    sent();
    if (own) peer.outbound_secret = values.outbound_secret;
    command.mutate(
      { kind: 'add', peer },
      {
        onError: refused,
        onSuccess: ({ peer_id: id, outbound_secret: secret }) => {
          if (secret !== undefined) return onMade({ id, label: peer.label, secret });
          notify(`${peer.label} registered`);
          go({ section: 'federation', id });
          onClose();
        },
      },
    );
  };
  const tryOut = (): void => {
    sent();
    const { remote_peer_id, url } = peer;
    test.mutate(
      { remote_peer_id, url, outbound_secret: values.outbound_secret },
      { onError: refused, onSuccess: ({ sentence }) => announce(sentence) },
    );
  };
  const testable = own && peer.url !== '' && peer.remote_peer_id !== '' && values.outbound_secret !== '';
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
        hint="Its public URL, as its operator tells you: not the address of its page."
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
      <p id="test-hint" className="text-xs text-faint">
        {own
          ? 'A test saves nothing, here or there. It succeeds once the other side has registered this instance.'
          : 'A secret that is made now is not known over there yet: the connection can be tested in the next step.'}
      </p>
      {own && test.data !== undefined && !test.isPending && <AnswerNote answer={test.data} />}
      <OwnSide />
      <ModalActions
        aside={
          <Button disabled={!testable || test.isPending} onClick={tryOut} aria-describedby="test-hint">
            {test.isPending ? 'Testing…' : 'Test connection'}
          </Button>
        }
      >
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" disabled={command.isPending}>
          {command.isPending ? 'Adding…' : 'Add peer'}
        </Button>
      </ModalActions>
    </form>
  );
};

/** What the operator of the other side must be told of this one. */
const OwnSide = () => {
  const { data: session } = useQuery(sessionQuery);
  if (session === undefined) return null;
  return (
    <section aria-label="What the other side needs" className="rounded-md border border-line px-3 py-2.5">
      <h3 className="font-medium">What the other side needs</h3>
      <div className="mt-1 flex items-center justify-between gap-3">
        <p className="min-w-0">
          <span className="text-soft">This instance's id</span> <code className="font-mono text-xs break-all">{session.instance_id}</code>
        </p>
        <CopyButton text={session.instance_id} label="Copy id" />
      </div>
      <p className="mt-1 text-xs text-faint">
        And its public URL: what <code className="font-mono">npm start</code> prints beside “peers”, or PUBLIC_URL where that is set. It is
        not the address of this page.
      </p>
    </section>
  );
};

const Choice = ({ name, on, onChoose, children }: { name: string; on: boolean; onChoose: () => void; children: ReactNode }) => (
  <label className="flex items-center gap-2">
    <input type="radio" name={name} checked={on} onChange={onChoose} className="size-4 accent-(--act)" />
    {children}
  </label>
);

interface SecretOnceProps {
  made: Made;
  reminded: boolean;
  onTaken: () => void;
  onClose: () => void;
}

const SecretOnce = ({ made, reminded, onTaken, onClose }: SecretOnceProps) => {
  const { data: session } = useQuery(sessionQuery);
  const test = useTestPeer(made.id);
  return (
    <div className="grid gap-4">
      <ShownOnce
        name="Secret"
        text={made.secret}
        reminder={reminded ? 'Copy the secret first, or press Done if you have it: it cannot be shown again.' : null}
        onTaken={onTaken}
      />
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
          . Once they have registered this instance with the same secret, the peer turns green by itself.
        </p>
      </div>
      {test.data !== undefined && !test.isPending && <AnswerNote answer={test.data} />}
      {test.error instanceof ProblemError && <ProblemNote problem={test.error.problem} />}
      <ModalActions
        aside={
          <Button disabled={test.isPending} onClick={() => test.mutate('test', { onSuccess: ({ sentence }) => announce(sentence) })}>
            {test.isPending ? 'Testing…' : 'Test connection'}
          </Button>
        }
      >
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </ModalActions>
    </div>
  );
};
