import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { peersQuery, routesQuery } from '../api/queries.js';
import type { Peer, Route, RouteDecision } from '../contract.js';
import { classWords, peerName } from '../logic/rules.js';
import { ActionMark } from '../parts/action-mark.js';
import { Button, IconButton } from '../parts/button.js';
import { said } from '../logic/said.js';
import { ProblemNote } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { DirectionMark } from '../parts/outcome-mark.js';
import { useMay } from './access.js';
import { askFor } from './asking.js';
import { DryRun } from './dry-run.js';
import { SectionHead, Warnings } from './section-head.js';
import { FederationViews } from './sections.js';
import { rowsOnceAsked, useTrouble } from './trouble.js';

const AddRuleButton = () => (
  <Button look="primary" onClick={() => askFor({ kind: 'add-rule' })}>
    <Icon name="plus" />
    Add rule
  </Button>
);

/** The ordered rules, and which of them a call would meet. */
export default function RoutesSection() {
  const query = useQuery(routesQuery);
  const peersAsked = useQuery(peersQuery);
  const peers = rowsOnceAsked(peersAsked);
  const trouble = useTrouble(query);
  const peersTrouble = useTrouble(peersAsked);
  const operator = useMay('operator');
  const [decided, setDecided] = useState<RouteDecision | null>(null);
  const rules = query.data?.data;
  return (
    <section aria-labelledby="section-title" className="px-4 pb-8 sm:px-6">
      <SectionHead title="Federation Peers" action={operator && <AddRuleButton />} />
      <FederationViews />
      <p className="mb-3 max-w-[72ch] text-soft">
        Every A2A call is judged by these, from the top; the first rule that matches decides. What an agent here calls goes out by a rule
        that allows it; what a peer calls comes in by a rule that routes it to an agent here.
      </p>
      {query.data !== undefined && <Warnings answer={query.data} />}
      {trouble !== null ? (
        <ProblemNote problem={trouble} />
      ) : (
        <div
          role="table"
          aria-label="Routing rules"
          aria-busy={rules === undefined || peers === undefined}
          className="list believed rounded-lg border border-line bg-card"
        >
          <Head />
          <div role="rowgroup">
            {rules === undefined ? (
              <Skeletons />
            ) : (
              rules.map((rule) => (
                <RuleLine key={rule.rule_id} rule={rule} peers={peers} met={decided?.rule_id === rule.rule_id} removable={operator} />
              ))
            )}
            {rules !== undefined && <Otherwise met={decided !== null && decided.rule_id === null} alone={rules.length === 0} />}
          </div>
        </div>
      )}
      <DryRun peers={peers} peersTrouble={peersTrouble} rules={rules ?? []} onDecided={setDecided} />
    </section>
  );
}

const Head = () => (
  <div role="row" className="rule-line head h-8 border-b border-line text-xs font-medium text-faint">
    <span role="columnheader" className="text-right">
      <span className="sr-only">Order</span>#
    </span>
    <span role="columnheader">Calls</span>
    <span role="columnheader">Peer</span>
    <span role="columnheader">Agent</span>
    <span role="columnheader">Methods</span>
    <span role="columnheader">Then</span>
    <span role="columnheader">
      <span className="sr-only">Actions</span>
    </span>
  </div>
);

interface RuleLineProps {
  rule: Route;
  /** undefined: not known yet. */
  peers: readonly Peer[] | undefined;
  /** The dry run met this one. */
  met: boolean;
  removable: boolean;
}

const MET = 'bg-chosen shadow-[inset_2px_0_0_var(--accent)]';

const RuleLine = ({ rule, peers, met, removable }: RuleLineProps) => (
  <div
    role="row"
    data-rule={rule.rule_id}
    data-met={met || undefined}
    className={`rule-line min-h-10 border-b border-line py-2 ${met ? MET : ''}`}
  >
    <span role="cell" className="rule-order text-right text-faint">
      {rule.order}
    </span>
    <span role="cell">
      <DirectionMark direction={rule.direction} className="text-soft" />
    </span>
    {rule.peer_id !== null && peers === undefined ? (
      <span role="cell" className="flex h-5 items-center">
        <span className="skeleton h-3 w-20" />
      </span>
    ) : (
      <Matched any="any peer" what={rule.peer_id === null ? null : peerName(rule.peer_id, peers ?? [])} />
    )}
    <Matched any="any agent" what={rule.agent} />
    <Matched any="any method" what={classWords(rule.classes)} />
    <span role="cell" className="rule-then min-w-0">
      <ActionMark {...rule} />
    </span>
    <span role="cell" className="rule-menu -my-1 flex justify-self-end">
      {removable && (
        <>
          <IconButton
            icon="edit"
            look="small"
            label={`Edit rule ${rule.order}`}
            onClick={() => askFor({ kind: 'edit-rule', route: rule })}
          />
          <IconButton
            icon="close"
            look="small"
            label={`Remove rule ${rule.order}`}
            onClick={() => askFor({ kind: 'remove-rule', route: rule })}
          />
        </>
      )}
    </span>
    {rule.note !== '' && (
      <span role="cell" className="rule-note text-faint">
        {rule.note}
      </span>
    )}
    {(rule.credential !== null || rule.warnings.length > 0) && (
      <span role="cell" className="rule-note text-faint">
        {rule.credential !== null && `Sent with a credential in ${rule.credential.header}, version ${rule.credential.version}. `}
        {rule.warnings.length > 0 && <span className="text-degraded">{rule.warnings.map(said).join(' ')}</span>}
      </span>
    )}
  </div>
);

const Matched = ({ what, any }: { what: string | null; any: string }) => (
  <span role="cell" className={`truncate ${what === null ? 'text-faint' : 'font-medium'}`}>
    {what ?? any}
  </span>
);

/** What holds where no rule does; stands last, as it is asked last. */
const Otherwise = ({ met, alone }: { met: boolean; alone: boolean }) => (
  <div role="row" data-rule="none" data-met={met || undefined} className={`rule-line min-h-10 py-2 ${met ? MET : ''}`}>
    <span role="cell" className="rule-order" />
    <span role="cell" className="rule-rest text-soft">
      {alone ? 'There is no rule yet, so every call is denied.' : 'Everything else'}
    </span>
    <span role="cell" className="rule-then">
      <ActionMark action="deny" target_url={null} />
    </span>
  </div>
);

const Skeletons = () => (
  <div aria-hidden="true">
    {Array.from({ length: 4 }, (_, index) => (
      <div key={index} className="rule-line min-h-10 border-b border-line py-2">
        <span className="rule-order" />
        {['w-8', 'w-20', 'w-24', 'w-12', 'w-28'].map((width) => (
          <span key={width} className={`skeleton h-3 ${width}`} />
        ))}
      </div>
    ))}
  </div>
);
