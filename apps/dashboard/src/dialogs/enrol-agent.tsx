import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useEnrol } from '../api/commands.js';
import { agentsQuery } from '../api/queries.js';
import type { JoinLine } from '../contract.js';
import { type Enrolment, enrolmentOf, nameOf } from '../logic/agents.js';
import { ahead } from '../logic/moment.js';
import { useGo } from '../page/place.js';
import { usePolling } from '../page/polling.js';
import { Button } from '../parts/button.js';
import { useClock } from '../parts/clock.js';
import { Field, ProblemNote } from '../parts/field.js';
import { Modal, ModalActions } from '../parts/modal.js';
import { announce } from '../parts/notices.js';
import { StateShape } from '../parts/state-mark.js';
import { ShownOnce, useTaken } from './shown-once.js';
import { useFormTrouble } from './use-form-trouble.js';

/** Makes a line that enrols one agent, and waits with its operator until that agent is there. */
export default function EnrolAgent({ onClose }: { onClose: () => void }) {
  const [line, setLine] = useState<JoinLine | null>(null);
  if (line !== null) return <LineOnce key={line.join_token_id} line={line} onClose={onClose} onAnother={() => setLine(null)} />;
  return (
    <Modal title="Enrol agent" about="You get one line to run on the gateway's host. It is good once, for 30 minutes." onClose={onClose}>
      <EnrolForm onClose={onClose} onMade={setLine} />
    </Modal>
  );
}

const HINTS = { label: /label/, gateway: /gateway/, gateway_token_file: /token file/, hostname_pattern: /hostname|pattern/ } as const;

const EnrolForm = ({ onClose, onMade }: { onClose: () => void; onMade: (line: JoinLine) => void }) => {
  const [label, setLabel] = useState('');
  const [gateway, setGateway] = useState('');
  const [tokenFile, setTokenFile] = useState('');
  const [pattern, setPattern] = useState('');
  const [ephemeral, setEphemeral] = useState(false);
  const { trouble, refused, sent, changed } = useFormTrouble(HINTS);
  const enrol = useEnrol();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    sent();
    const given = {
      ...(label.trim() !== '' && { label: label.trim() }),
      ...(gateway.trim() !== '' && { gateway: gateway.trim() }),
      ...(tokenFile.trim() !== '' && { gateway_token_file: tokenFile.trim() }),
      ...(pattern.trim() !== '' && { hostname_pattern: pattern.trim() }),
      ephemeral,
    };
    enrol.mutate(given, { onError: refused, onSuccess: onMade });
  };
  return (
    <form onSubmit={submit} className="grid gap-3" noValidate>
      {trouble.general !== null && <ProblemNote problem={trouble.general} />}
      <Field
        label="Label"
        autoFocus
        value={label}
        trouble={trouble.fields.label}
        hint="What you call it here. Left out, it is called as its host."
        onChange={({ target }) => {
          setLabel(target.value);
          changed('label');
        }}
      />
      <Field
        label="Gateway address"
        className="font-mono"
        placeholder="http://127.0.0.1:18789"
        value={gateway}
        trouble={trouble.fields.gateway}
        hint="Where the gateway listens on that host. Left out, add --gateway to the line for each gateway there."
        onChange={({ target }) => {
          setGateway(target.value);
          changed('gateway');
        }}
      />
      <Field
        label="Gateway token file"
        className="font-mono"
        placeholder="~/.openclaw/token"
        value={tokenFile}
        trouble={trouble.fields.gateway_token_file}
        hint="The file on that host that holds the token of the gateway. Left out, the agent reads state and version only."
        onChange={({ target }) => {
          setTokenFile(target.value);
          changed('gateway_token_file');
        }}
      />
      <Field
        label="Hostname pattern"
        className="font-mono"
        placeholder="berlin-*"
        value={pattern}
        trouble={trouble.fields.hostname_pattern}
        hint="Only a host of such a name may use the line; * stands for anything. Left out, any host may."
        onChange={({ target }) => {
          setPattern(target.value);
          changed('hostname_pattern');
        }}
      />
      <label className="flex items-start gap-2">
        <input
          type="checkbox"
          checked={ephemeral}
          onChange={({ target }) => setEphemeral(target.checked)}
          className="mt-0.5 size-4 accent-(--act)"
        />
        <span>
          Ephemeral
          <span className="block text-xs text-faint">For a host that is made to come and go.</span>
        </span>
      </label>
      <ModalActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" disabled={enrol.isPending}>
          {enrol.isPending ? 'Making the line…' : 'Show the line'}
        </Button>
      </ModalActions>
    </form>
  );
};

interface LineOnceProps {
  line: JoinLine;
  onClose: () => void;
  onAnother: () => void;
}

const LineOnce = ({ line, onClose, onAnother }: LineOnceProps) => {
  const enrolment = useEnrolment(line);
  const taken = useTaken();
  const go = useGo();
  const used = enrolment.stage !== 'waiting';
  return (
    <Modal
      title="Run this on the gateway's host"
      about="In the folder of ClawButler there. It holds a token, which is shown only now and used up by the first who runs it."
      onClose={onClose}
      mayClose={() => taken.mayClose(used)}
      grave
    >
      <div className="grid gap-4">
        <ShownOnce
          name="Line"
          text={line.command}
          reminder={taken.reminded && !used ? 'Copy the line first, or press Close if you have it: it cannot be shown again.' : null}
          onTaken={taken.take}
        />
        <Progress line={line} enrolment={enrolment} />
        <ModalActions>
          {enrolment.stage === 'expired' && <Button onClick={onAnother}>Make another</Button>}
          {'agent' in enrolment && (
            <Button
              onClick={() => {
                go({ section: 'edge', id: enrolment.agent.agent_id });
                onClose();
              }}
            >
              Open agent
            </Button>
          )}
          <Button look="primary" onClick={onClose}>
            {enrolment.stage === 'connected' ? 'Done' : 'Close'}
          </Button>
        </ModalActions>
      </div>
    </Modal>
  );
};

/** Moves on by itself, since the list of agents does. */
function useEnrolment({ join_token_id: id, expires_at: end }: JoinLine): Enrolment {
  const { data } = useQuery({ ...agentsQuery, ...usePolling() });
  const expired = useClock((now) => Number(now >= Date.parse(end)));
  const enrolment = enrolmentOf(id, data?.data ?? [], expired === 1);
  const told = toldOf(enrolment);
  useEffect(() => {
    if (enrolment.stage !== 'waiting') announce(told.title);
  }, [enrolment.stage, told.title]);
  return enrolment;
}

function toldOf(enrolment: Enrolment): { title: string; more: string } {
  switch (enrolment.stage) {
    case 'waiting':
      return { title: 'Waiting for first connection…', more: 'You may close this: the agent appears in the list by itself.' };
    case 'joined':
      return { title: `${nameOf(enrolment.agent)} has joined`, more: 'The line is used up. Its tunnel is being opened…' };
    case 'connected':
      return { title: `${nameOf(enrolment.agent)} is connected`, more: enrolment.agent.sentence };
    case 'expired':
      return { title: 'The line has expired', more: 'Nobody used it in time.' };
  }
}

const LOOKS = {
  waiting: { status: 'pending', health: 'unknown', wash: 'bg-unknown-wash' },
  joined: { status: 'enrolled', health: 'up', wash: 'bg-unknown-wash' },
  connected: { status: 'connected', health: 'up', wash: 'bg-up-wash' },
  expired: { status: 'degraded', health: 'degraded', wash: 'bg-degraded-wash' },
} as const;

const Progress = ({ line, enrolment }: { line: JoinLine; enrolment: Enrolment }) => {
  const { status, health, wash } = LOOKS[enrolment.stage];
  const { title, more } = toldOf(enrolment);
  return (
    <div data-enrolment={enrolment.stage} className={`flex gap-2.5 rounded-lg px-3.5 py-3 transition-colors duration-500 ${wash}`}>
      <StateShape status={status} health={health} size={14} className={`mt-[3px] ${enrolment.stage === 'waiting' ? 'turn' : ''}`} />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline justify-between gap-3 font-medium">
          {title}
          {enrolment.stage === 'waiting' && <Left until={line.expires_at} />}
        </p>
        <p className="text-soft">{more}</p>
      </div>
    </div>
  );
};

const Left = ({ until }: { until: string }) => {
  const text = useClock((now) => ahead(until, now));
  return <span className="shrink-0 text-xs font-normal text-faint">expires {text}</span>;
};
