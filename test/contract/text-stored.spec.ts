import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { type EventClass, subjectOf } from '@app/kernel';
import { contexts } from '@app/contexts';
import { newIdentity } from '../../libs/edge/testing/index.js';
import { headersOf, sourceOf } from '../../libs/event-store/src/envelope.js';
import { type WholeSystem, openWholeSystem } from './whole-system.js';

let system: WholeSystem;
beforeAll(async () => {
  system = await openWholeSystem();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => system.close());
/** No text that a test sent may stop a projection. */
afterEach(() => system.assertCaughtUp());

/** As an earlier release stored it: past the validators. Answers its position. */
async function poisoned({ kind, type, version, example, streamId }: EventClass, spoilt: object, actor = 'token:1'): Promise<number> {
  const { store } = system;
  const stored: object = { ...example, ...spoilt };
  const subject = subjectOf(kind, type.slice(0, type.lastIndexOf('.')), streamId(stored));
  const context = { commandId: randomUUID(), actor, at: '2026-02-01T12:00:00.000Z' } as const;
  const headers = headersOf({ type, version, subject, data: stored }, randomUUID(), sourceOf(store.identity), context);
  const ack = await store.nc.request(subject, JSON.stringify(stored), { headers, timeout: 5_000 });
  return ack.json<{ seq: number }>().seq;
}

describe('a fact that an earlier release stored', () => {
  const { PeerRegistered, PeerSuspended, PeerLabelled, RouteAdded } = contexts.federation.events;
  const { AgentRevoked, AgentEnrolled, JoinTokenIssued } = contexts.edge.events;
  const about = { peer_id: 'peer-of-before' };

  it('is projected and read though it has a NUL or a lone surrogate, and keeps its bytes', async () => {
    await poisoned(PeerRegistered, { ...about, remote_peer_id: 'inst-of-before' }, 'token:\0x');
    await poisoned(PeerLabelled, { ...about, label: 'a\u0000b\u202e' });
    await poisoned(PeerSuspended, { ...about, until: null, note: 'x\ud800y' });
    const position = await poisoned(RouteAdded, { rule_id: 'rule-of-before', before: null, peer_id: null, note: 'a\u0000b\udc00' });
    const after = `after=f${position}`;
    expect(await system.data(`peers/peer-of-before?${after}`)).toMatchObject({
      label: 'a\ufffdb\u202e',
      registered_by: 'token:\ufffdx',
      sentence: 'Suspended by an operator until further notice: x\ufffdy',
    });
    const rules = (await system.data(`routes?${after}`)) as { rule_id: string; note: string }[];
    expect(rules.find(({ rule_id }) => rule_id === 'rule-of-before')).toMatchObject({ note: 'a\ufffdb\ufffd' });
    const [event] = await system.data('events?type=federation.peer.suspended&subject=facts.federation.peer.peer-of-before');
    expect(event.data.note).toBe('x\ufffdy');
    const message = await (await jetstreamManager(system.store.nc)).streams.getMessage('FACTS', { seq: position });
    expect(message?.string()).toContain('a\\u0000b\\udc00');
  });

  it('does not stop commands: its peer is resumed and labelled, its agent joins and is revoked', async () => {
    const resumed = await system.ask('POST', 'peers/peer-of-before/resume', {});
    expect(resumed.status).toBe(202);
    expect((await system.ask('PATCH', 'peers/peer-of-before', { label: 'Porto' })).status).toBe(202);

    const token = await system.ask('POST', 'edge-agents/enroll', { label: 'Berlin' });
    const [{ subject }] = await system.data('events?type=edge.join-token.issued&limit=1');
    const id = (subject as string).split('.').at(-1);
    const expires_at = '2999-01-01T00:00:00.000Z';
    await poisoned(JoinTokenIssued, { join_token_id: id, expires_at, hostname_pattern: null, label: 'a\u202eb\u0000\u0007' }, 'token:\0x');
    const identity = newIdentity('');
    const asked = { token: token.body.join_token, public_key: identity.publicKey, hostname: 'ed\u202ege', version: '1', os: 'linux' };
    const answer = await fetch(`${system.publicUrl}/edge/v1/join`, { method: 'POST', body: JSON.stringify(asked) });
    const { agent_id } = (await answer.json()) as { agent_id: string };
    expect(answer.status).toBe(201);
    const [{ data: enrolled }] = await system.data(`events?type=edge.agent.enrolled&subject=facts.edge.agent.${agent_id}`);
    expect(enrolled).toMatchObject({ label: 'a\ufffdb\ufffd\ufffd', hostname: 'ed\ufffdge', enrolled_by: 'token:\ufffdx' });

    await poisoned(AgentEnrolled, { agent_id: 'agent-of-before', label: 'x\ud800', hostname: 'h\u0000', os: '\u0000' });
    expect((await system.ask('POST', 'edge-agents/agent-of-before/revoke', { note: 'sold' })).status).toBe(202);
    const position = await poisoned(AgentRevoked, { agent_id, note: '\u0000' });
    expect((await system.data(`edge-agents/${agent_id}?after=f${position}`)).sentence).toBe('Revoked: \ufffd');
  });
});
