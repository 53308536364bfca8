import { useMemo } from 'react';
import type { Component } from '../contract.js';
import { lastHour, percent, shareOf } from '../logic/bars.js';
import { latency } from '../logic/moment.js';
import { meaningOf } from '../logic/reasons.js';
import type { Row } from '../logic/rows.js';
import { PROBES, subjectOf } from '../logic/timeline.js';
import { Bar, LARGE } from '../parts/bar.js';
import { GoTo } from '../page/place.js';
import { Time, useClock } from '../parts/clock.js';
import { StateMark } from '../parts/state-mark.js';
import { Code, Evidence, Fact, Facts, When } from './facts.js';
import { AgentNow } from './now-agent.js';
import { PeerNow } from './now-peer.js';

const WASH = { up: 'bg-up-wash', degraded: 'bg-degraded-wash', down: 'bg-down-wash', unknown: 'bg-unknown-wash' } as const;

/** How it is, why, and what that is known by. */
export const Now = ({ row }: { row: Row }) => (
  <div className="grid grid-cols-1 gap-5">
    <Why row={row} />
    {row.component !== null && <Hour component={row.component} />}
    {row.component !== null && <ComponentFacts component={row.component} />}
    {row.component !== null && <SeenGateways component={row.component} />}
    {row.peer !== null && <PeerNow peer={row.peer} />}
    {row.agent !== null && <AgentNow agent={row.agent} />}
  </div>
);

const Why = ({ row }: { row: Row }) => {
  const meaning = meaningOf(row.reason);
  const sentence = useClock(row.told);
  return (
    <div className={`rounded-lg px-3.5 py-3 ${WASH[row.health]}`}>
      <p className="font-medium">{sentence}</p>
      <p className="mt-1 text-soft">
        For <Time at={row.since} tell="for-fine" />
        {row.reason !== null && (
          <>
            {' · '}
            <Code>{row.reason}</Code>
          </>
        )}
      </p>
      {meaning !== null && <p className="mt-2 text-soft">{meaning}</p>}
    </div>
  );
};

const Hour = ({ component }: { component: Component }) => {
  const minute = useClock((now) => now - (now % 60_000));
  const share = useMemo(() => shareOf(lastHour(component.history, minute)), [component.history, minute]);
  const good = percent(share);
  return (
    <div>
      <div className="mb-2 flex items-baseline justify-between">
        <h3 className="font-medium">Last 60 minutes</h3>
        <p className="text-soft">{good === null ? 'no probes' : `${good} of ${share.good + share.bad} probes good`}</p>
      </div>
      <Bar history={component.history} geometry={LARGE} wide />
      <p className="mt-1 flex justify-between text-xs text-faint">
        <span>1 h ago</span>
        {share.unknown > 0 && <span>hatched: nobody could look</span>}
        <span>now</span>
      </p>
    </div>
  );
};

/** Gateways that only edge agents see: they count, and have no row here. */
const SeenGateways = ({ component: { agent_gateways: named, agent_gateways_total: total } }: { component: Component }) =>
  total === 0 ? null : (
    <section aria-label="Seen by edge agents">
      <div className="mb-2 flex items-baseline justify-between gap-3">
        <h3 className="font-medium">Seen by edge agents</h3>
        <p className="text-soft">{total}</p>
      </div>
      <ul className="grid grid-cols-1 gap-1.5">
        {named.map(({ name, agent_id: id, state, health }) => (
          <li key={`${id} ${name}`} className="flex items-center justify-between gap-3">
            <GoTo to={{ section: 'edge', id }} className="min-w-0 truncate rounded-sm hover:underline">
              {name}
            </GoTo>
            <StateMark status={state} health={health} className="shrink-0" />
          </li>
        ))}
      </ul>
      {total > named.length && <p className="mt-1.5 text-faint">and {total - named.length} more</p>}
    </section>
  );

const ComponentFacts = ({ component }: { component: Component }) => (
  <Facts>
    <Fact name="Latency">
      {latency(component.latency_ms)} <span className="text-faint">last</span>
      {component.p95_ms !== null && (
        <>
          {' · '}
          {latency(component.p95_ms)} <span className="text-faint">p95 of 60 min</span>
        </>
      )}
    </Fact>
    <Fact name="Last good">{component.last_good_at && <When at={component.last_good_at} />}</Fact>
    <Fact name="Last probe">{component.last_probe_at && <When at={component.last_probe_at} />}</Fact>
    <Fact name="Next probe">{component.next_probe_at && <When at={component.next_probe_at} tell="ahead" />}</Fact>
    <Fact name="Known by">
      {component.observed === 'live'
        ? 'The API itself is looking, since the log or PostgreSQL is down: nothing of this is recorded.'
        : 'Recorded verdicts'}
    </Fact>
    <Evidence
      positions={component.evidence}
      to={{ section: 'events', stream: 'telemetry', subject: subjectOf(PROBES, component.component_id) }}
      see="See the probes"
    />
  </Facts>
);
