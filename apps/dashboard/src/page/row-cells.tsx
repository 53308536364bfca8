import type { EdgeAgent, Instant, Peer } from '../contract.js';
import { costOn, dollars, lastKnownAt, uptimeMs, utcDay } from '../logic/agents.js';
import { amount } from '../logic/calls.js';
import { NOTHING, duration } from '../logic/moment.js';
import { Time, useClock } from '../parts/clock.js';

/** The cells in which the lines of the sections differ. */

export const LastSeen = ({ at }: { at: Instant | null }) => (
  <div role="cell" className="col-seen text-right text-soft">
    <Time at={at} />
  </div>
);

export const PeerCells = ({ peer }: { peer: Peer }) => (
  <>
    <Calls className="col-first" calls={peer.calls_in} />
    <Calls className="col-second" calls={peer.calls_out} />
    <LastSeen at={peer.last_heartbeat_at} />
  </>
);

const Calls = ({ className, calls }: { className: string; calls: number }) => (
  <div role="cell" className={`${className} text-right ${calls === 0 ? 'text-faint' : 'text-soft'}`}>
    {amount(calls)}
  </div>
);

export const AgentCells = ({ agent }: { agent: EdgeAgent }) => {
  const here = lastKnownAt(agent) === null;
  const uptime = useClock((now) => {
    const ms = here ? uptimeMs(agent, now) : null;
    return ms === null ? NOTHING : duration(ms);
  });
  const today = useClock(utcDay);
  const cost = costOn(agent, today);
  const ink = here ? 'text-soft' : 'text-faint';
  return (
    <>
      <div
        role="cell"
        className={`col-first text-right ${uptime === NOTHING ? 'text-faint' : ink}`}
        data-tip={here ? undefined : 'It has no tunnel now'}
      >
        {uptime}
      </div>
      <div role="cell" className={`col-second text-right ${ink}`}>
        <Time at={agent.last_sync_at} />
      </div>
      <div role="cell" className={`col-seen text-right ${cost !== null && here ? '' : 'text-faint'}`} data-tip={costTip(agent, today)}>
        {cost === null ? NOTHING : dollars(cost.usd)}
      </div>
    </>
  );
};

function costTip({ cost }: EdgeAgent, today: string): string {
  if (cost === null) return 'No gateway beside it lets its cost be read';
  if (cost.day !== today) return `Nothing of today yet; ${dollars(cost.usd)} on ${cost.day}`;
  const partly = cost.missing_cost_entries > 0 ? `\n${amount(cost.missing_cost_entries)} entries without a price` : '';
  return `${amount(cost.tokens)} tokens today, UTC${partly}`;
}
