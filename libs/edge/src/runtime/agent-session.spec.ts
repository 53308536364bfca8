import fc from 'fast-check';
import { asId } from '@app/kernel';
import type { AgentId, AgentSynced, CostRecorded, SessionId } from '../events/index.js';
import { AgentSession, type Opened } from './agent-session.js';
import type { Loss } from './agent-status.js';
import type { Tunnel } from './tunnel.adapter.js';

const AGENT: AgentId = asId('agent-berlin');
const SYNC: AgentSynced = { ...emptySync(), seq: 1 };
const LOSS: Loss = { how: 'broken', atMs: 5, reason: 'heartbeat_timeout', lost: 'connection_lost' };
const UNSEEN: Loss = { how: 'unobserved', atMs: 5, graceMs: 1, lost: 'started' };

const openedBy = (session: string, position: number): Opened => ({
  tunnel: { heardMs: position } as Tunnel,
  sessionId: asId<SessionId>(session),
  acceptedMs: position,
  isReturn: false,
  bootId: 'boot-1',
  position,
  evidence: `f${position}`,
});
const endOf = (session: string) => ({
  agent_id: AGENT,
  session_id: asId<SessionId>(session),
  reason: 'read_deadline' as const,
  close_code: null,
  connected_ms: 1,
});
function emptySync(): AgentSynced {
  return {
    agent_id: AGENT,
    session_id: asId<SessionId>('one'),
    seq: 0,
    desired_version: null,
    cpu_ratio: null,
    mem_ratio: null,
    disk_ratio: null,
    outbox_depth: 0,
    outbox_capacity: 1,
    outbox_dropped: 0,
    gateways: [],
  } as unknown as AgentSynced;
}
const held = (): AgentSession => {
  const session = new AgentSession(AGENT);
  session.opened(openedBy('one', 1));
  return session;
};

describe('the session of an edge agent', () => {
  it('is held from the opening of a tunnel to its end, and lost from then on', () => {
    const session = held();
    expect(session).toMatchObject({ held: { sessionId: 'one' }, loss: null, tunnel: { epoch: 1, openSession: 'one' }, openedMs: [1] });
    session.lost(LOSS, endOf('one'));
    expect(session).toMatchObject({ held: null, loss: LOSS, ending: { session_id: 'one' }, heardMs: 1 });
  });

  it('answers the tunnel that a newer one takes the place of', () => {
    const session = held();
    expect(session.opened(openedBy('two', 2))).toMatchObject({ sessionId: 'one' });
    expect(session).toMatchObject({ held: { sessionId: 'two' }, tunnel: { epoch: 2 }, tunnelPosition: 2 });
  });

  it('keeps the end of a later tunnel when the end of an earlier one is written', () => {
    const session = held();
    const first = endOf('one');
    session.lost(LOSS, first);
    session.opened(openedBy('two', 2));
    session.lost(LOSS, endOf('two'));
    session.endWritten(first, 'f9');
    expect(session).toMatchObject({ ending: { session_id: 'two' }, tunnel: { openSession: 'two' }, evidence: { end: 'f9' } });
  });

  it('keeps the reports of one process over its tunnels, and none of another', () => {
    const session = held();
    const { reported } = session;
    session.opened(openedBy('two', 2));
    expect(session.reported).toBe(reported);
    session.opened({ ...openedBy('three', 3), bootId: 'boot-2' });
    expect(session.reported).not.toBe(reported);
  });

  it('keeps when it had its first full report', () => {
    const session = held();
    for (const nowMs of [5, 7]) session.reportTaken({ ...session.reported!, seq: nowMs }, { isFull: true, nowMs });
    expect(session.held).toMatchObject({ fullReportMs: 5, lastSyncMs: 7 });
  });

  it('counts openings that wait, and takes them one after the other', async () => {
    const session = new AgentSession(AGENT);
    const order: number[] = [];
    session.enqueueOpening(async () => void order.push(1));
    session.enqueueOpening(async () => void order.push(2));
    expect(session.waiting).toBe(2);
    await session.line;
    expect([session.waiting, order]).toEqual([0, [1, 2]]);
  });

  it.each<[string, (session: AgentSession) => void]>([
    ['lost', (session) => session.lost(LOSS, endOf('one'))],
    ['unobserved', (session) => session.unobserved(UNSEEN)],
    ['orphaned', (session) => session.orphaned()],
    ['reportTaken', (session) => session.reportTaken({} as never, { isFull: true, nowMs: 1 })],
    ['costTaken', (session) => session.costTaken({} as never)],
  ])('cannot be %s while it is absent', (transition, act) => {
    expect(() => act(new AgentSession(AGENT))).toThrow(new RegExp(`agent-berlin cannot be ${transition}.*: it is absent`));
  });

  it.each<[string, (session: AgentSession) => void]>([
    ['restored', (session) => session.restored(UNSEEN)],
    ['unobserved', (session) => session.unobserved(UNSEEN)],
    ['orphaned', (session) => session.orphaned()],
    ['lost two', (session) => session.lost(LOSS, endOf('two'))],
  ])('cannot be %s while it is held', (transition, act) => {
    expect(() => act(held())).toThrow(`agent-berlin cannot be ${transition}: it is held`);
  });

  it('is never both held and lost, and its epoch and positions only grow', () => {
    const step = fc.constantFrom('opened', 'lost', 'unobserved', 'restored', 'replayed', 'orphaned', 'endWritten');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const session = new AgentSession(AGENT);
        let at = 0;
        for (const one of steps) {
          at++;
          const { epoch } = session.tunnel;
          if (one === 'opened') session.opened(openedBy(`s${at}`, at));
          if (one === 'lost' && session.held !== null) session.lost(LOSS, endOf(session.held.sessionId));
          if (one === 'unobserved' && session.loss !== null) session.unobserved(UNSEEN);
          if (one === 'restored' && session.held === null) session.restored(at % 2 === 0 ? UNSEEN : null);
          if (one === 'replayed') session.replayed('facts.edge.agent.agent-berlin', UNSEEN);
          if (one === 'orphaned' && session.held === null && session.tunnel.openSession !== null && session.ending === null)
            session.orphaned();
          if (one === 'endWritten' && session.ending !== null) session.endWritten(session.ending, null);
          expect(session.held === null || session.loss === null).toBe(true);
          expect(session.tunnel.epoch).toBeGreaterThanOrEqual(epoch);
          expect(session.openedMs.length).toBeLessThanOrEqual(10);
        }
      }),
    );
  });
});

describe('the backlog of an edge agent', () => {
  const { backlog } = new AgentSession(AGENT);

  it('has gateways due from a report whose content is news until that report is written', () => {
    backlog.synced(SYNC);
    expect(backlog).toMatchObject({ areGatewaysDue: true, isSynced: true });
    backlog.gatewaysWritten({ ...SYNC });
    expect(backlog.areGatewaysDue).toBe(true);
    backlog.gatewaysWritten(SYNC);
    expect(backlog.areGatewaysDue).toBe(false);
  });

  it('says with the next heartbeat what a lost one had said', () => {
    backlog.beatSent(1);
    expect(backlog.isSynced).toBe(false);
    backlog.beatLost(true);
    expect(backlog.isSynced).toBe(true);
  });

  it('counts rejected handshakes, tells them once, and again when that was lost', () => {
    backlog.rejected('revoked', null);
    backlog.rejected('held', null);
    expect(backlog).toMatchObject({ rejectedHandshakes: { count: 2, reason: 'held' }, isRejectionDue: true });
    backlog.rejectionSent(1);
    expect(() => backlog.rejectionSent(2)).toThrow('not due');
    backlog.rejectionLost();
    expect(backlog.isRejectionDue).toBe(true);
  });

  it('keeps the newest days of costs, and writes no day that it has dropped', () => {
    for (const day of ['2026-12-01', '2026-12-03', '2026-12-02']) backlog.costTold(day, { day } as unknown as CostRecorded, 2);
    expect([...backlog.costs.keys()].sort()).toEqual(['2026-12-02', '2026-12-03']);
    backlog.costWritten('2026-12-01', {} as CostRecorded, 1);
    expect(backlog.costs.has('2026-12-01')).toBe(false);
  });

  it('refuses a second recording while one runs', async () => {
    const first = backlog.recording(() => Promise.resolve());
    await expect(backlog.recording(() => Promise.resolve())).rejects.toThrow('recorded twice');
    await first;
    expect(backlog.isRecording).toBe(false);
  });
});
