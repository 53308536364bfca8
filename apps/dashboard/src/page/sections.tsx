import { useQuery } from '@tanstack/react-query';
import { peersQuery, servicesQuery, sessionQuery } from '../api/queries.js';
import { POLL_MS } from '../logic/freshness.js';
import { Button, CopyButton } from '../parts/button.js';
import { useFreshness } from '../parts/clock.js';
import { Icon } from '../parts/icon.js';
import { useMay } from './access.js';
import { askFor } from './asking.js';
import { EdgeDrawing, PeersDrawing, ServicesDrawing } from './drawings.js';
import { GoTo } from './place.js';
import { RowSection } from './section.js';
import { EmptyState, SectionHead } from './section-head.js';

/** Asks by the clock while the stream does not say what changes. */
export function usePolling(): { refetchInterval: number | false } {
  return { refetchInterval: useFreshness() === 'live' ? false : POLL_MS };
}

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
      title="Federation Peers"
      columns={{ name: 'Peer', figure: 'Calls', seen: 'Last seen' }}
      query={query}
      action={operator && <AddPeerButton />}
      empty={<NoPeers operator={operator} />}
    />
  );
};

const NoPeers = ({ operator }: { operator: boolean }) => {
  const { data: session } = useQuery(sessionQuery);
  return (
    <EmptyState title="No peers yet" drawing={<PeersDrawing />}>
      <p>A peer is another ClawButler instance. Agents here can call agents there, and every call is logged on both sides.</p>
      <ol className="grid list-decimal gap-1 pl-5">
        <li>Ask its operator for the instance id and the address, and add it here.</li>
        <li>Give them this instance's id and the secret you get, by a way you trust. They add this instance on their side.</li>
        <li>Until both sides have registered each other, the peer stays pending.</li>
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
        <p>Your role is viewer: an operator can add a peer.</p>
      )}
    </EmptyState>
  );
};

export const ServicesSection = () => {
  const query = useQuery({ ...servicesQuery, ...usePolling() });
  return (
    <RowSection
      title="Service Health"
      columns={{ name: 'Service', figure: 'Latency', seen: 'Last probe' }}
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

/** There is nothing to ask for yet: agents come with a later version. */
export const EdgeSection = () => (
  <section aria-labelledby="section-title" className="px-4 pb-8 sm:px-6">
    <SectionHead title="Edge Agents" />
    <NoAgents />
  </section>
);

const NoAgents = () => (
  <EmptyState title="No edge agents" drawing={<EdgeDrawing />}>
    <p>
      An edge agent is a light process beside an OpenClaw gateway. It connects outwards and keeps one tunnel open to this instance, so the
      gateway needs no open port. What it reports stands here as it changes: whether it is connected, when it last synced, what its sessions
      cost. Session content and the gateway's token never leave its host.
    </p>
    <p>
      This version does not enrol agents yet. A gateway that this instance can reach over the network needs none: name it in the
      configuration, and it is probed under{' '}
      <GoTo to={{ section: 'services' }} className="font-medium text-accent underline underline-offset-2">
        Service Health
      </GoTo>
      .
    </p>
  </EmptyState>
);
