import { useEffect } from 'react';
import { usePeerCommand } from '../api/commands.js';
import { ProblemError } from '../api/http.js';
import { useTestPeer } from '../api/live-requests.js';
import type { Peer } from '../contract.js';
import { amount } from '../logic/calls.js';
import { latency } from '../logic/moment.js';
import { healthOfStatus } from '../logic/status-health.js';
import { PEER_HEARTBEATS, subjectOf } from '../logic/timeline.js';
import { useMay } from '../page/access.js';
import { GoTo } from '../page/place.js';
import { AnswerNote } from '../parts/answer-note.js';
import { Button } from '../parts/button.js';
import { ProblemNote } from '../parts/field.js';
import { announce, notify } from '../parts/notices.js';
import { StateMark } from '../parts/state-mark.js';
import { Evidence, Fact, Facts, When } from './facts.js';

export const PeerNow = ({ peer }: { peer: Peer }) => (
  <>
    <Link key={peer.peer_id} peer={peer} />
    <Facts>
      <Fact name="Round trip">{peer.rtt_ms !== null && latency(peer.rtt_ms)}</Fact>
      <Fact name="Last good">{peer.last_good_at && <When at={peer.last_good_at} />}</Fact>
      <Fact name="Next attempt">{peer.next_retry_at && <When at={peer.next_retry_at} tell="ahead" />}</Fact>
      <Fact name="Last heartbeat">{peer.last_heartbeat_at && <When at={peer.last_heartbeat_at} />}</Fact>
      <Fact name="Their view of us">
        {peer.their_view !== null && <StateMark status={peer.their_view} health={healthOfStatus(peer.their_view)} />}
      </Fact>
      <Fact name="A2A calls">
        <GoTo
          to={{ section: 'federation', id: peer.peer_id, tab: 'calls' }}
          className="text-accent underline underline-offset-2"
          data-tip="The call log"
        >
          {amount(peer.calls_in)} in · {amount(peer.calls_out)} out
        </GoTo>
      </Fact>
      {peer.suspended_until !== null && (
        <Fact name="Resumes">
          <When at={peer.suspended_until} tell="ahead" />
        </Fact>
      )}
      <Fact name="Registered">
        <When at={peer.registered_at} />
      </Fact>
      <Evidence
        positions={peer.evidence}
        to={{ section: 'events', stream: 'telemetry', subject: subjectOf(PEER_HEARTBEATS, peer.peer_id) }}
        see="See the heartbeats"
      />
    </Facts>
  </>
);

/** Asks the other side now. What it answers is of this moment; the state above follows by itself. */
const Link = ({ peer }: { peer: Peer }) => {
  const operator = useMay('operator');
  const test = useTestPeer(peer.peer_id);
  const resume = usePeerCommand();
  useEffect(() => {
    if (test.data !== undefined) announce(test.data.sentence);
  }, [test.data]);
  if (!operator) return null;
  const suspended = peer.lifecycle === 'suspended';
  const waits = !suspended && peer.health !== 'up';
  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap gap-2">
        {suspended && (
          <Button
            look="primary"
            disabled={resume.isPending}
            onClick={() => resume.mutate({ kind: 'resume', peerId: peer.peer_id }, { onSuccess: () => notify(`${peer.label} resumed`) })}
          >
            {resume.isPending ? 'Resuming…' : 'Resume'}
          </Button>
        )}
        {waits && (
          <Button disabled={test.isPending} onClick={() => test.mutate('retry')}>
            {test.isPending && test.variables === 'retry' ? 'Trying…' : 'Retry now'}
          </Button>
        )}
        <Button disabled={test.isPending} onClick={() => test.mutate('test')}>
          {test.isPending && test.variables === 'test' ? 'Testing…' : 'Test connection'}
        </Button>
      </div>
      {test.data !== undefined && !test.isPending && <AnswerNote answer={test.data} />}
      {[resume.error, test.error].map(
        (error, index) => error instanceof ProblemError && <ProblemNote key={index} problem={error.problem} />,
      )}
    </div>
  );
};
