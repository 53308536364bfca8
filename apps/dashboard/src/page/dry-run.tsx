import { type FormEvent, useState } from 'react';
import { ProblemError } from '../api/http.js';
import { useDryRun } from '../api/live-requests.js';
import type { Direction, Peer, Problem, Route, RouteDecision } from '../contract.js';
import { ACTION_HEALTH } from '../logic/rules.js';
import { said, saidWith } from '../logic/said.js';
import { ActionMark } from '../parts/action-mark.js';
import { Button } from '../parts/button.js';
import { Choices, Field, ProblemNote, Select } from '../parts/field.js';
import { announce } from '../parts/notices.js';

const WASH = { up: 'bg-up-wash', degraded: 'bg-degraded-wash', down: 'bg-down-wash', unknown: 'bg-unknown-wash' } as const;

const WAYS = [
  { value: 'out', name: 'Out' },
  { value: 'in', name: 'In' },
] as const;

interface DryRunProps {
  /** undefined: not known yet. */
  peers: readonly Peer[] | undefined;
  /** Why the peers cannot be had; null: they can, or were not answered yet. */
  peersTrouble: Problem | null;
  rules: readonly Route[];
  onDecided: (decision: RouteDecision | null) => void;
}

/** Asks which rule a call would meet, and shows it among the others. Nothing is called. */
export const DryRun = ({ peers: asked, peersTrouble, rules, onDecided }: DryRunProps) => {
  const [direction, setDirection] = useState<Direction>('out');
  const [peerId, setPeerId] = useState('');
  const [agent, setAgent] = useState('');
  const [method, setMethod] = useState('SendMessage');
  const ask = useDryRun();
  const peers = asked ?? [];
  const peer = peerId === '' ? peers[0]?.peer_id : peerId;
  const forget = (): void => {
    ask.reset();
    onDecided(null);
  };
  const changing =
    <T,>(set: (value: T) => void) =>
    (value: T): void => {
      set(value);
      forget();
    };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (peer === undefined) return;
    ask.mutate(
      { direction, peer_id: peer, agent: agent.trim(), method: method.trim() },
      {
        onSuccess: (decision) => {
          onDecided(decision);
          announce(saidWith(decision.sentence, { peers, rules }));
        },
      },
    );
  };
  return (
    <section aria-labelledby="dry-run" className="mt-6 max-w-[760px] rounded-lg border border-line bg-card px-4 py-3.5">
      <h3 id="dry-run" className="font-medium">
        Dry run
      </h3>
      <p className="mb-3 text-soft">Which rule would a call meet? Nothing is called; of an agent here the card is read.</p>
      {peersTrouble !== null ? (
        <ProblemNote problem={peersTrouble} />
      ) : asked === undefined ? (
        <div className="skeleton h-15" />
      ) : peers.length === 0 ? (
        <p className="text-soft">There is no peer to ask for yet.</p>
      ) : (
        <form onSubmit={submit} className="flex flex-wrap items-end gap-3" noValidate>
          <Choices<Direction> legend="Calls" name="dry-direction" options={WAYS} chosen={direction} onChoose={changing(setDirection)} />
          <div className="w-40">
            <Select label="Peer" value={peer} onChange={({ target }) => changing(setPeerId)(target.value)}>
              {peers.map((one) => (
                <option key={one.peer_id} value={one.peer_id}>
                  {one.label}
                </option>
              ))}
            </Select>
          </div>
          <div className="w-36">
            <Field label="Agent" value={agent} onChange={({ target }) => changing(setAgent)(target.value)} />
          </div>
          <div className="w-44">
            <Field label="Method" className="font-mono" value={method} onChange={({ target }) => changing(setMethod)(target.value)} />
          </div>
          <Button type="submit" className="h-9" disabled={ask.isPending || agent.trim() === '' || method.trim() === ''}>
            {ask.isPending ? 'Asking…' : 'Try'}
          </Button>
        </form>
      )}
      {ask.data !== undefined && <Decision decision={ask.data} told={saidWith(ask.data.sentence, { peers, rules })} />}
      {ask.error instanceof ProblemError && (
        <div className="mt-3">
          <ProblemNote problem={ask.error.problem} />
        </div>
      )}
    </section>
  );
};

const Decision = ({ decision, told }: { decision: RouteDecision; told: string }) => (
  <div data-decision={decision.action} className={`mt-3 rounded-md px-3 py-2.5 ${WASH[ACTION_HEALTH[decision.action]]}`}>
    <ActionMark {...decision} />
    <p className="mt-0.5 text-soft">{told}</p>
    {decision.agent !== null && <p className="mt-0.5 text-soft">{said(decision.agent.sentence)}</p>}
    {decision.agent?.interfaces.map(({ url, binding, because }) => (
      <p key={`${binding} ${url}`} className="mt-0.5 text-xs break-all text-soft">
        {because === null ? 'Usable' : 'Not usable'}: {binding} <span className="font-mono">{url}</span>
        {because !== null && `, since ${because}`}
      </p>
    ))}
  </div>
);
