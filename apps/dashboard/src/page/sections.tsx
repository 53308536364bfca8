import { useQuery } from '@tanstack/react-query';
import { agentsQuery, archivedQuery, peersQuery, servicesQuery, sessionQuery } from '../api/queries.js';
import { costOfAll, dollars, utcDay } from '../logic/agents.js';
import { amount } from '../logic/calls.js';
import { ARCHIVED } from '../logic/rows.js';
import { Button, CopyButton } from '../parts/button.js';
import { useClock } from '../parts/clock.js';
import { Icon } from '../parts/icon.js';
import { useMay, useRole } from './access.js';
import { askFor } from './asking.js';
import { EdgeDrawing, PeersDrawing, ServicesDrawing } from './drawings.js';
import { GoTo, useGo, usePlace } from './place.js';
import { usePolling } from './polling.js';
import { FilterChip, RowSection } from './section.js';
import { EmptyState } from './section-head.js';

const AddPeerButton = () => (
  <Button look="primary" onClick={() => askFor({ kind: 'add' })}>
    <Icon name="plus" />
    Add peer
  </Button>
);

export const PeersSection = () => {
  const query = useQuery({ ...peersQuery, ...usePolling() });
  const operator = useMay('operator');
  return (
    <RowSection
      section="federation"
      title="Federation Peers"
      query={query}
      action={operator && <AddPeerButton />}
      views={<FederationViews />}
      empty={<NoPeers operator={operator} />}
    />
  );
};

const VIEWS = [
  { view: undefined, name: 'Peers' },
  { view: 'rules', name: 'Routing rules' },
] as const;

/** Who the peers are, and what they may call. */
export const FederationViews = () => {
  const here = usePlace().view;
  return (
    <nav aria-label="Federation" className="mb-3 flex gap-4 border-b border-line">
      {VIEWS.map(({ view, name }) => (
        <GoTo
          key={name}
          to={{ section: 'federation', view }}
          aria-current={view === here ? 'page' : undefined}
          className={`-mb-px flex h-9 items-center border-b-2 ${view === here ? 'border-ink font-medium' : 'border-transparent text-soft hover:text-ink'}`}
        >
          {name}
        </GoTo>
      ))}
    </nav>
  );
};

const NoPeers = ({ operator }: { operator: boolean }) => {
  const role = useRole();
  const { data: session } = useQuery(sessionQuery);
  return (
    <EmptyState title="No peers yet" drawing={<PeersDrawing />}>
      <p>A peer is another ClawButler instance. Agents here can call agents there, and every call is logged on both sides.</p>
      <ol className="grid list-decimal gap-1 pl-5">
        <li>Ask its operator for the instance id and the address, and add it here.</li>
        <li>Give them this instance's id and the secret you get, by a way you trust. They add this instance on their side.</li>
        <li>Once both sides have proved the secret to each other, the peer turns green by itself. Until then it stays pending.</li>
        <li>
          Say under{' '}
          <GoTo to={{ section: 'federation', view: 'rules' }} className="font-medium text-accent underline underline-offset-2">
            Routing rules
          </GoTo>{' '}
          what may be called: without a rule, nothing may.
        </li>
      </ol>
      {session !== undefined && (
        <div className="flex flex-wrap items-center gap-2">
          This instance
          <code className="rounded bg-paper px-1.5 py-0.5 font-mono text-sm break-all text-ink">{session.instance_id}</code>
          <CopyButton text={session.instance_id} />
        </div>
      )}
      {operator ? (
        <div>
          <AddPeerButton />
        </div>
      ) : (
        role === 'viewer' && <p>Your role is viewer: an operator can add a peer.</p>
      )}
    </EmptyState>
  );
};

export const ServicesSection = () => {
  const query = useQuery({ ...servicesQuery, ...usePolling() });
  return (
    <RowSection
      section="services"
      title="Service Health"
      query={query}
      empty={
        <EmptyState title="Nothing was probed yet" drawing={<ServicesDrawing />}>
          <p>
            The prober looks at the API, PostgreSQL, Valkey, NATS and the projections every few seconds, and at each gateway named in the
            configuration. The first verdicts appear here by themselves.
          </p>
        </EmptyState>
      }
    />
  );
};

const EnrolButton = () => (
  <Button look="primary" onClick={() => askFor({ kind: 'enrol' })}>
    <Icon name="plus" />
    Enrol agent
  </Button>
);

export const EdgeSection = () => {
  const isArchive = usePlace().status === ARCHIVED;
  const listed = useQuery({ ...agentsQuery, ...usePolling() });
  const archived = useQuery({ ...archivedQuery, ...usePolling(), enabled: isArchive });
  const operator = useMay('operator');
  return (
    <RowSection
      section="edge"
      title="Edge Agents"
      query={isArchive ? archived : listed}
      action={operator && <EnrolButton />}
      otherList={<ArchiveFilter />}
      sum={<CostToday />}
      empty={isArchive ? <NothingArchived /> : <NoAgents operator={operator} />}
    />
  );
};

/** Archived agents are another list: they are neither shown nor counted among the others. */
const ArchiveFilter = () => {
  const isOn = usePlace().status === ARCHIVED;
  const go = useGo();
  return (
    <FilterChip on={isOn} onClick={() => go({ status: isOn ? undefined : ARCHIVED }, true)}>
      Archived
    </FilterChip>
  );
};

const NothingArchived = () => (
  <div className="rounded-lg border border-dashed border-edge bg-card px-5 py-6 text-soft">
    No edge agent is archived.{' '}
    <GoTo to={{ section: 'edge' }} className="font-medium text-accent underline underline-offset-2">
      Show the others
    </GoTo>
  </div>
);

/** What all agents together spent today, where any of them says. */
const CostToday = () => {
  const { data } = useQuery(agentsQuery);
  const today = useClock(utcDay);
  const sum = costOfAll(data?.data ?? [], today);
  if (sum === null) return null;
  return (
    <p className="text-soft" data-tip={`Since midnight UTC, of ${today}`}>
      Today <span className="font-medium text-ink">{dollars(sum.usd)}</span> · {amount(sum.tokens)} tokens
    </p>
  );
};

const NoAgents = ({ operator }: { operator: boolean }) => {
  const role = useRole();
  return (
    <EmptyState title="No edge agents yet" drawing={<EdgeDrawing />}>
      <p>
        An edge agent is a light process beside an OpenClaw gateway. It connects outwards and keeps one tunnel open to this instance, so the
        gateway needs no open port. Session content and the gateway's token never leave its host.
      </p>
      <ol className="grid list-decimal gap-1 pl-5">
        <li>Enrol an agent here: you get one line to copy. It is good once, for 30 minutes.</li>
        <li>Run that line on the gateway's host. The agent makes its own key there and keeps it.</li>
        <li>It appears here and turns green by itself: whether it is connected, when it last synced, what its sessions cost.</li>
      </ol>
      {operator ? (
        <div>
          <EnrolButton />
        </div>
      ) : (
        role === 'viewer' && <p>Your role is viewer: an operator can enrol an agent.</p>
      )}
      <p className="text-sm">
        <GoTo to={{ section: 'edge', status: ARCHIVED }} className="font-medium text-accent underline underline-offset-2">
          Show archived agents
        </GoTo>
      </p>
      <p className="text-sm">
        A gateway that this instance can reach over the network needs no agent: name it in the configuration, and it is probed under{' '}
        <GoTo to={{ section: 'services' }} className="font-medium text-accent underline underline-offset-2">
          Service Health
        </GoTo>
        .
      </p>
    </EmptyState>
  );
};
