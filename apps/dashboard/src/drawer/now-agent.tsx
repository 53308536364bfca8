import { useEffect } from 'react';
import { ProblemError } from '../api/http.js';
import { usePingAgent } from '../api/live-requests.js';
import type { EdgeAgent, EdgeCost, Gateway, Instant } from '../contract.js';
import { channelState, dollars, healthOfGateway, lastKnownAt, readsOf, uptimeMs, utcDay } from '../logic/agents.js';
import { amount } from '../logic/calls.js';
import { duration, latency } from '../logic/moment.js';
import { said } from '../logic/said.js';
import { AGENT_HEARTBEATS, subjectOf } from '../logic/timeline.js';
import { useMay } from '../page/access.js';
import { AnswerNote } from '../parts/answer-note.js';
import { Button } from '../parts/button.js';
import { Time, useClock } from '../parts/clock.js';
import { ProblemNote } from '../parts/field.js';
import { announce } from '../parts/notices.js';
import { StateMark } from '../parts/state-mark.js';
import { Evidence, Fact, Facts, When } from './facts.js';

/** Its tunnel, the gateways beside it and what they cost: as it says, or as it last said. */
export const AgentNow = ({ agent }: { agent: EdgeAgent }) => {
  const knownAt = lastKnownAt(agent);
  return (
    <>
      <Reach key={agent.agent_id} agent={agent} />
      {knownAt !== null && (
        <p className="-mb-2 text-xs text-faint">
          What follows was last known <Time at={knownAt} />.
        </p>
      )}
      <Tunnel agent={agent} />
      <Host agent={agent} />
      <Gateways gateways={agent.gateways} knownAt={knownAt} />
      {agent.cost !== null && <Cost cost={agent.cost} />}
    </>
  );
};

const Reach = ({ agent }: { agent: EdgeAgent }) => {
  const operator = useMay('operator');
  const ping = usePingAgent(agent.agent_id);
  useEffect(() => {
    if (ping.data !== undefined) announce(ping.data.sentence);
  }, [ping.data]);
  if (!operator || agent.lifecycle === 'revoked') return null;
  return (
    <div className="grid grid-cols-1 gap-3">
      <div>
        <Button disabled={ping.isPending} onClick={() => ping.mutate()}>
          {ping.isPending ? 'Pinging…' : 'Ping'}
        </Button>
      </div>
      {ping.data !== undefined && !ping.isPending && <AnswerNote answer={ping.data} />}
      {ping.error instanceof ProblemError && <ProblemNote problem={ping.error.problem} />}
    </div>
  );
};

const Tunnel = ({ agent }: { agent: EdgeAgent }) => {
  const uptime = useClock((now) => {
    const ms = uptimeMs(agent, now);
    return ms === null ? '' : duration(ms, true);
  });
  const here = lastKnownAt(agent) === null;
  return (
    <section aria-label="Tunnel">
      <Heading>Tunnel</Heading>
      <Facts>
        <Fact name="Round trip">{agent.rtt_ms !== null && latency(agent.rtt_ms)}</Fact>
        {here && <Fact name="Connected for">{agent.connected_at && <Time at={agent.connected_at} tell="for-fine" />}</Fact>}
        {agent.expected_back_at !== null && (
          <Fact name="Expected back">
            <When at={agent.expected_back_at} tell="ahead" />
          </Fact>
        )}
        <Fact name="Last heartbeat">{agent.last_heartbeat_at && <When at={agent.last_heartbeat_at} />}</Fact>
        <Fact name="Last sync">{agent.last_sync_at && <When at={agent.last_sync_at} />}</Fact>
        {agent.rejected && (
          <Fact name="Rejected">
            {agent.rejected.count} {agent.rejected.count === 1 ? 'handshake' : 'handshakes'}, the last <When at={agent.rejected.last_at} />:{' '}
            {agent.rejected.sentence}
          </Fact>
        )}
        <Fact name="Uptime">{uptime === '' ? null : `${uptime}${here ? '' : ' when last heard'}`}</Fact>
        <Evidence
          positions={agent.evidence}
          to={{ section: 'events', stream: 'telemetry', subject: subjectOf(AGENT_HEARTBEATS, agent.agent_id) }}
          see="See the heartbeats"
        />
      </Facts>
    </section>
  );
};

const Heading = ({ children, aside }: { children: string; aside?: string | undefined }) => (
  <div className="mb-2 flex items-baseline justify-between gap-3">
    <h3 className="font-medium">{children}</h3>
    {aside !== undefined && <p className="text-soft">{aside}</p>}
  </div>
);

/** Rounded down, so that a disk that is not full is not told as 100 %; the product of two floats may be a hair too small. */
const percent = (ratio: number | null): string | null => (ratio === null ? null : `${Math.floor(Number((ratio * 100).toFixed(3)))} %`);

const Host = ({ agent: { host, hostname } }: { agent: EdgeAgent }) =>
  host === null ? null : (
    <section aria-label="Host">
      <Heading aside={hostname ?? undefined}>Host</Heading>
      <dl className="grid grid-cols-3 gap-x-3">
        <Figure name="CPU" value={percent(host.cpu_ratio)} />
        <Figure name="Memory" value={percent(host.mem_ratio)} />
        <Figure name="Disk" value={percent(host.disk_ratio)} />
      </dl>
      <p className="mt-1 text-xs text-faint">
        In use <Time at={host.at} />.
      </p>
    </section>
  );

/** `knownAt`: the agent is away, and what it said is of then. */
const Gateways = ({ gateways, knownAt }: { gateways: readonly Gateway[]; knownAt: Instant | null }) => (
  <section aria-label="Gateways">
    <Heading>{gateways.length === 1 ? 'Gateway' : 'Gateways'}</Heading>
    {gateways.length === 0 ? (
      <p className="text-soft">It has not reported a gateway yet.</p>
    ) : (
      <ul className="grid grid-cols-1 gap-2">
        {gateways.map((gateway) => (
          <GatewayCard key={gateway.name} gateway={gateway} knownAt={knownAt} />
        ))}
      </ul>
    )}
  </section>
);

const GatewayCard = ({ gateway, knownAt }: { gateway: Gateway; knownAt: Instant | null }) => {
  const health = knownAt === null ? healthOfGateway(gateway) : 'unknown'; // Nobody looks while its agent is away.
  return (
    <li
      data-gateway={gateway.name}
      className={`rounded-md border border-line px-3 py-2.5 ${knownAt === null ? '' : 'bg-unknown-wash text-soft'}`}
    >
      <div className="flex items-center justify-between gap-3">
        <span className="truncate font-semibold">{gateway.name}</span>
        <StateMark status={gateway.state} health={health} className="shrink-0" />
      </div>
      {health !== 'up' && <p className="mt-1 text-soft">{said(gateway.sentence)}</p>}
      {knownAt !== null && (
        <p className="mt-1 text-xs text-faint">
          Last known <Time at={knownAt} />.
        </p>
      )}
      {gateway.known_at !== null && (
        <p className="mt-1 text-xs text-faint">
          Version and uptime are of <Time at={gateway.known_at} />, before it stopped answering.
        </p>
      )}
      <dl className="mt-2 grid grid-cols-3 gap-x-3 gap-y-2">
        <Figure name="Version" value={gateway.version} />
        <Figure name="Latency" value={gateway.latency_ms === null ? null : latency(gateway.latency_ms)} />
        <Figure name="Uptime" value={gateway.uptime_ms === null ? null : duration(gateway.uptime_ms)} />
        <Figure name="Sessions" value={gateway.sessions === null ? null : amount(gateway.sessions)} />
        <Figure name="Capability" value={gateway.capability} tip={readsOf(gateway)} />
      </dl>
      <Channels channels={gateway.channels} />
      {gateway.tier_advice !== null && <p className="mt-2 text-xs text-soft">{gateway.tier_advice}</p>}
    </li>
  );
};

const Channels = ({ channels }: Pick<Gateway, 'channels'>) => {
  if (channels.length === 0) return null;
  return (
    <ul aria-label="Channels" className="mt-2 grid grid-cols-1 gap-1">
      {channels.map((channel) => (
        <li key={channel.name} className="flex items-baseline justify-between gap-3">
          <span className="min-w-0 truncate">{channel.name}</span>
          <span className={`shrink-0 ${channel.connected === false ? 'text-degraded' : 'text-soft'}`}>
            {channelState(channel)}
            {channel.down_since !== null && (
              <>
                , for <Time at={channel.down_since} tell="for" />
              </>
            )}
            {channel.error !== null && `: ${channel.error}`}
          </span>
        </li>
      ))}
    </ul>
  );
};

const Figure = ({ name, value, tip }: { name: string; value: string | null; tip?: string }) => (
  <div className="min-w-0">
    <dt className="text-xs text-faint">{name}</dt>
    <dd className="truncate" data-tip={tip}>
      {value ?? <span className="text-faint">–</span>}
    </dd>
  </div>
);

interface Use {
  readonly name: string;
  readonly usd: number;
  readonly tokens: number;
}

/** The dearest first, each with its share of that. */
const Uses = ({ label, uses }: { label: string; uses: readonly Use[] }) => {
  const most = Math.max(...uses.map(({ usd }) => usd), 0);
  return (
    <ul aria-label={label} className="grid grid-cols-1 gap-2">
      {uses
        .toSorted((a, b) => b.usd - a.usd)
        .map(({ name, usd, tokens }) => (
          <li key={name}>
            <p className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 truncate">{name}</span>
              <span className="shrink-0 text-soft">
                {dollars(usd)} <span className="text-faint">· {amount(tokens)}</span>
              </span>
            </p>
            <Share of={most === 0 ? 0 : usd / most} />
          </li>
        ))}
    </ul>
  );
};

const Cost = ({ cost }: { cost: EdgeCost }) => {
  const today = useClock(utcDay);
  const agents = cost.by_agent.map(({ gateway, agent, ...use }) => ({ ...use, name: gateway === null ? agent : `${agent} at ${gateway}` }));
  return (
    <section aria-label="Cost">
      <Heading aside={`${dollars(cost.usd)} · ${amount(cost.tokens)} tokens`}>
        {cost.day === today ? 'Cost today' : `Cost on ${cost.day}`}
      </Heading>
      <Uses label="By model" uses={cost.by_model.map(({ model, ...use }) => ({ ...use, name: model }))} />
      {agents.length > 0 && (
        <>
          <h4 className="mt-3 mb-2 text-xs text-faint">By agent of the gateways</h4>
          <Uses label="By agent" uses={agents} />
        </>
      )}
      <p className="mt-2 text-xs text-faint">
        Per UTC day.
        {!cost.fresh && ' The gateway is still counting: these are its last complete figures.'}
        {cost.missing_cost_entries > 0 && ` ${amount(cost.missing_cost_entries)} entries have no price and are not in it.`}
      </p>
    </section>
  );
};

/** `of`: 0 to 1. The figures beside it say the same. */
const Share = ({ of }: { of: number }) => (
  <svg viewBox="0 0 100 3" preserveAspectRatio="none" width="100%" height="3" aria-hidden="true" className="mt-1 rounded-full">
    <rect width="100" height="3" className="fill-unknown-wash" />
    <rect width={of === 0 ? 0 : Math.max(1, of * 100)} height="3" className="fill-accent" />
  </svg>
);
