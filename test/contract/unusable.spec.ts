import { headersLike, poison } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { contexts } from '@app/contexts';
import { type WholeSystem, openWholeSystem } from './whole-system.js';

const { PeerLabelled, PeerSuspended, CallAccepted } = contexts.federation.events;

let system: WholeSystem;
beforeAll(async () => {
  system = await openWholeSystem();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => system.close());
/** Nothing that a test published may stop a projection; only for a newer release one waits. */
let isWaiting = false;
afterEach(async () => {
  if (!isWaiting) await system.assertCaughtUp();
});

const publish = (subject: string, body: string, head: Record<string, string> = {}) => poison(system.store, subject, body, head);
const parkedIn = async (
  projection: string,
): Promise<{ value: string; code: string; position: string; hash: string; voidable: boolean }[]> =>
  system.data(`projections/${projection}/parked`);
const until = async <T>(look: () => Promise<T>, isThere: (seen: T) => boolean): Promise<T> => {
  for (;;) {
    const seen = await look();
    if (isThere(seen)) return seen;
  }
};
let peers = 0;
const register = async (): Promise<string> => {
  const n = ++peers;
  const peer = { url: `http://127.0.0.1:${4_000 + n}`, label: `Peer ${n}`, remote_peer_id: `inst-${n}`, outbound_secret: 's'.repeat(43) };
  const { status, body } = await system.ask('POST', 'peers', peer);
  if (typeof body.peer_id !== 'string') throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body.peer_id;
};

describe.each([
  ['without headers', '{"peer_id":"ID"}', {}],
  ['that is not JSON', '{"peer_id":', headersLike(PeerLabelled.type)],
  ['of an unknown type', '{}', headersLike('federation.peer.adorned')],
  ['about another peer than its subject names', JSON.stringify({ peer_id: 'peer-other', label: 'x' }), headersLike(PeerLabelled.type)],
])('a message on a peer %s', (_name, body, head) => {
  it('parks that peer, is shown raw, and leaves commands on all others and suspension of this one', async () => {
    const bad = await register();
    const good = await register();
    const position = await publish(`facts.federation.peer.${bad}`, body.replace('ID', bad), head);
    expect(await system.ask('PATCH', `peers/${good}`, { label: `Better ${good}` })).toMatchObject({ status: 202 });
    expect(await system.ask('PATCH', `peers/${bad}`, { label: 'Worse' })).toMatchObject({
      status: 409,
      body: { code: 'event-store.history-unreadable' },
    });
    expect(await system.ask('POST', `peers/${bad}/suspend`, { note: 'strange', until: null })).toMatchObject({ status: 202 });
    const parked = await until(
      () => parkedIn('peer_directory'),
      (all) => all.some((one) => one.value.endsWith(bad)),
    );
    const [entry] = parked.filter((one) => one.value.endsWith(bad));
    expect(entry).toMatchObject({
      position: expect.stringMatching(`^f${position}~`) as string,
      voidable: true,
      code: expect.stringMatching(/^decode\./) as string,
    });
    expect(await system.ask('GET', `events?subject=facts.federation.peer.${bad}`)).toMatchObject({ status: 200 });
    expect(await system.data(`events/f${position}`)).toMatchObject({ body: body.replace('ID', bad), unreadable: { code: entry?.code } });
    const { warnings } = (await system.ask('GET', 'peers')).body;
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'read.parked' }));
  });

  it('is declared absent by an admin, and the peer is held, with what came after, until an admin releases it', async () => {
    const [entry] = (await parkedIn('peer_directory')).filter(({ position }) => position !== '');
    if (entry === undefined) throw new Error('nothing is parked');
    const id = entry.value.split('.').at(-1) ?? '';
    const voided = await system.ask('POST', 'projections/void', {
      position: entry.position,
      hash: entry.hash,
      reason: 'published by hand',
    });
    expect(voided).toMatchObject({ status: 202 });
    await until(
      () => parkedIn('peer_directory'),
      (all) => all.length === 0,
    );
    const held = await until(
      () => system.data(`peers/${id}`),
      ({ held_at }) => held_at !== null,
    );
    expect(held).toMatchObject({ lifecycle: 'suspended' });
    expect(await system.ask('POST', `peers/${id}/release`, {})).toMatchObject({ status: 202 });
    expect(await system.ask('POST', `peers/${id}/resume`, {})).toMatchObject({ status: 202 });
  });
});

it('a fact before its aggregate exists parks that row alone', async () => {
  const { data } = newEvent(PeerSuspended, { ...PeerSuspended.example, peer_id: 'peer-unborn' as never });
  await publish('facts.federation.peer.peer-unborn', JSON.stringify(data), headersLike(PeerSuspended.type, PeerSuspended.version));
  const parked = await until(
    () => parkedIn('peer_directory'),
    (all) => all.length > 0,
  );
  expect(parked).toMatchObject([{ unit: 'row', value: 'peer-unborn', code: 'fold.threw', voidable: false }]);
  expect(await system.ask('POST', 'projections/void', { position: parked[0]?.position, hash: parked[0]?.hash, reason: 'x' })).toMatchObject(
    {
      status: 409,
      body: { code: 'log.event-readable' },
    },
  );
  expect(await system.ask('POST', 'projections/peer_directory/retry', {})).toMatchObject({ status: 200, body: { released: 0, parked: 1 } });
});

it('an event of 900 KB is kept out of lists and stops nothing', async () => {
  const note = 'x'.repeat(900_000);
  const data = { ...PeerLabelled.example, peer_id: 'peer-large', label: note };
  const position = await publish('facts.federation.peer.peer-large', JSON.stringify(data), headersLike(PeerLabelled.type));
  const [event] = await system.data('events?subject=facts.federation.peer.peer-large');
  expect(event).toMatchObject({
    position: expect.stringMatching(`^f${position}~`) as string,
    data: null,
    size: expect.any(Number) as number,
  });
  expect((await system.data(`events/f${position}`)).body).toHaveLength(65_536);
});

it('a message in CALLS that is no event parks the calls of that peer, and is named', async () => {
  await publish('calls.federation.call.peer-foreign', 'hello');
  const parked = await until(
    () => parkedIn('call_log'),
    (all) => all.length > 0,
  );
  expect(parked).toMatchObject([{ unit: 'subject', value: 'calls.federation.call.peer-foreign', code: 'decode.missing-headers' }]);
  const call = newEvent(CallAccepted, CallAccepted.example);
  const token = await system.store.calls.record(call, { actor: 'test', id: '5668e290-9eb2-5dfd-a901-43391446302e', timeoutMs: 5_000 });
  const projections = (await system.data('projections')) as { name: string; state: string; parked: number; position: string }[];
  expect(projections.filter(({ state }) => state !== 'running')).toEqual([]);
  expect(projections.find(({ name }) => name === 'call_log')).toMatchObject({ parked: 1 });
  expect(token).toMatch(/^c\d+/);
});

it('a routing table with a message that cannot be read takes no new rule, lets one be removed, and is mended by a void', async () => {
  const add = () => system.ask('POST', 'routes', { direction: 'in', action: 'deny', note: '' });
  const { status, body } = await add();
  expect(status).toBe(202);
  const position = await publish('facts.federation.route.main', '{}');
  expect(await add()).toMatchObject({ status: 409, body: { code: 'event-store.history-unreadable' } });
  expect(await system.ask('DELETE', `routes/${body.rule_id}`)).toMatchObject({ status: 202 });
  const { hash } = await system.data(`events/f${position}`);
  expect(await system.ask('POST', 'projections/void', { position: `f${position}`, hash, reason: 'by hand' })).toMatchObject({
    status: 202,
  });
  await until(add, (answer) => answer.status === 202);
});

it('an agent with a message that cannot be read is revoked all the same', async () => {
  const { identity } = await system.join();
  await publish(`facts.edge.agent.${identity.agentId}`, 'nonsense');
  expect(await system.ask('POST', `edge-agents/${identity.agentId}/revoke`, { note: 'sold' })).toMatchObject({ status: 202 });
});

it('an event of a newer release makes its projections wait, and is never voided', async () => {
  isWaiting = true;
  const position = await publish('facts.access.token.7c9e6679', '{}', headersLike('access.token.renamed', 1, { 'cb-release': '9.1.0' }));
  const tokens = async () => (await system.data('projections')).find(({ name }: { name: string }) => name === 'token_directory');
  expect(await until(tokens, ({ state }) => state === 'waiting')).toMatchObject({ needs_release: '9.1.0', parked: 0 });
  const { hash } = await system.data(`events/f${position}`);
  expect(await system.ask('POST', 'projections/void', { position: `f${position}`, hash, reason: 'x' })).toMatchObject({
    status: 409,
    body: { code: 'log.needs-release' },
  });
});
