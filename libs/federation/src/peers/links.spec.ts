import { randomBytes } from 'node:crypto';
import { SecretBox, keyFingerprint, makeKeyPair } from '@app/config';
import { assertShape } from '@app/kernel';
import { QUICK } from '../../testing/instance.js';
import { type LinkProcess, openLinkProcess } from '../../testing/link-process.js';
import { type TestContext, openContext } from '../../testing/machines.js';
import { renewKey } from './runtime/renew-key.adapter.js';
import { LinkTest } from './link-test.view.js';
import { InstanceKeyRows } from './private/instance-key-rows.provider.js';
import { Peer } from './read/peer-directory/peer-directory.view.js';
import type { PeerAccepted } from './write/register-peer/register-peer.view.js';

/** Two instances, each with a log, a database, a projector and an API of its own, and what keeps its links. */
let a: TestContext;
let b: TestContext;
let linkOfA: LinkProcess;
let linkOfB: LinkProcess;
/** Slow enough for machines that do other things as well. */
const POLICY = { ...QUICK, heartbeatMs: 500, slackMs: 1_000 };

beforeAll(async () => {
  [a, b] = await Promise.all([openContext(), openContext()]);
  [linkOfA, linkOfB] = await Promise.all([openLinkProcess(a, POLICY), openLinkProcess(b, POLICY)]);
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(async () => {
  await Promise.all([linkOfA, linkOfB].map((link) => link.stop()));
  await Promise.all([a, b].map((context) => context.close()));
});

const get = async (context: TestContext, peerId: string): Promise<Peer> => {
  const { status, body } = await context.ask('GET', `peers/${peerId}`);
  return status === 200 ? (body as { data: Peer }).data : ({ status: `answered ${status}` } as unknown as Peer);
};
/** Reads until it is so, within ten seconds. */
const until = async (context: TestContext, peerId: string, is: (peer: Peer) => boolean): Promise<Peer> => {
  const end = Date.now() + 10_000;
  let peer = await get(context, peerId);
  while (!is(peer) && Date.now() < end) peer = await get(context, peerId);
  expect([is(peer), peer]).toEqual([true, peer]);
  return peer;
};
const ask = async (context: TestContext, path: string, body?: object): Promise<LinkTest> => {
  const answer = await context.ask('POST', path, body);
  expect([answer.status, answer.body]).toEqual([200, answer.body]);
  assertShape(LinkTest, answer.body);
  return answer.body;
};

let toB: PeerAccepted;
let toA: PeerAccepted;

it('a link is tried before it is saved, and is refused while the other side does not know us', async () => {
  const link = { url: linkOfB.url, remote_peer_id: b.store.identity.instance_id, outbound_secret: 'correct horse battery staple' };
  expect(await ask(a, 'peers/test', link)).toMatchObject({ ok: false, reason: 'auth_rejected', rtt_ms: null });
});

it('one side registers the other and is told that it waits; the other follows, and both are connected', async () => {
  const registration = { remote_peer_id: b.store.identity.instance_id, label: 'Osaka', url: linkOfB.url };
  toB = (await a.ask('POST', 'peers', registration)).body as PeerAccepted;
  const waiting = await until(a, toB.peer_id, ({ reason }) => reason === 'auth_rejected');
  expect(waiting).toMatchObject({ lifecycle: 'pending', status: 'pending', health: 'unknown', last_heartbeat_at: null });
  expect(waiting.sentence).toContain('the other side refuses this instance: it has not registered it yet');

  const back = { remote_peer_id: a.store.identity.instance_id, label: 'Lisbon', url: linkOfA.url, outbound_secret: toB.outbound_secret };
  toA = (await b.ask('POST', 'peers', back)).body as PeerAccepted;
  for (const [context, { peer_id }] of [
    [a, toB],
    [b, toA],
  ] as const) {
    const peer = await until(
      context,
      peer_id,
      (peer) => peer.status === 'connected' && peer.their_view === 'connected' && peer.rtt_ms !== null && peer.next_retry_at === null,
    );
    expect(() => assertShape(Peer, peer)).not.toThrow();
    expect(peer).toMatchObject({
      lifecycle: 'active',
      health: 'up',
      reason: null,
      rtt_ms: expect.any(Number),
      last_heartbeat_at: expect.any(String),
      last_good_at: expect.any(String),
      next_retry_at: null,
      calls_in: 0,
      calls_out: 0,
    });
    expect(peer.evidence).toEqual(expect.arrayContaining([expect.stringMatching(/^f\d+$/)]));
    expect(peer.evidence.length).toBeGreaterThan(1);
  }
});

it('is tested and tried from the API, by way of the process that speaks with peers', async () => {
  expect(await ask(a, `peers/${toB.peer_id}/test`)).toMatchObject({ ok: true, reason: null, rtt_ms: expect.any(Number) });
  expect(await ask(b, `peers/${toA.peer_id}/retry`)).toMatchObject({ ok: true });
});

it('is suspended on one side, which the other is told', async () => {
  await b.ask('POST', `peers/${toA.peer_id}/suspend`, { note: 'inventory', until: null });
  // What was decided and what was heard stand in two tables, each as far as it is.
  await until(a, toB.peer_id, ({ status, reason }) => status === 'degraded' && reason === 'suspended_by_operator');
  await until(a, toB.peer_id, ({ their_view }) => their_view === 'suspended');
  await b.ask('POST', `peers/${toA.peer_id}/resume`, {});
  await until(a, toB.peer_id, ({ status }) => status === 'connected');
  await until(b, toA.peer_id, ({ status }) => status === 'connected');
});

it('is red with the reason and the next attempt when the other side is gone, and green by itself when it is back', async () => {
  await linkOfB.stop();
  const red = await until(a, toB.peer_id, ({ status }) => status === 'disconnected');
  expect(red).toMatchObject({ health: 'down', reason: 'connect_refused', rtt_ms: expect.any(Number), their_view: expect.any(String) });
  expect(red.evidence).toEqual(expect.arrayContaining([expect.stringMatching(/^t\d+(~[0-9a-z]{4})?$/)]));
  await until(a, toB.peer_id, ({ next_retry_at }) => next_retry_at !== null && next_retry_at > red.since);
  expect(await ask(a, `peers/${toB.peer_id}/retry`)).toMatchObject({ ok: false, reason: 'connect_refused' });
  expect((await b.ask('POST', `peers/${toA.peer_id}/retry`)).body).toMatchObject({ code: 'federation.not-running' });
  linkOfB = await openLinkProcess(b, POLICY, Number(new URL(linkOfB.url).port));
  expect(await until(a, toB.peer_id, ({ status }) => status === 'connected')).toMatchObject({ reason: null });
  await until(a, toB.peer_id, ({ next_retry_at }) => next_retry_at === null);
});

it('pins the key of the other side, and another one only when an admin confirms it by its fingerprint', async () => {
  const [ofA, ofB] = await Promise.all([
    until(b, toA.peer_id, ({ key_pinned_at }) => key_pinned_at !== null),
    until(a, toB.peer_id, ({ key_pinned_at }) => key_pinned_at !== null),
  ]);
  const before = ofB.key_fingerprint;
  expect([ofA.key_fingerprint, before]).toEqual([expect.stringMatching(/^[0-9a-f-]{39}$/), expect.stringMatching(/^[0-9a-f-]{39}$/)]);
  const { store, db, box } = b;
  const of = { commands: store.commands, db, box, instanceId: store.identity.instance_id, by: 'a test' };
  await expect(renewKey({ ...of, confirm: undefined })).rejects.toThrow('is not lost');
  const fingerprint = await renewKey({ ...of, confirm: of.instanceId });
  const changed = await until(a, toB.peer_id, ({ reason }) => reason === 'key_changed');
  expect(changed).toMatchObject({ status: 'degraded', key_fingerprint: before, details: { pinned: before, shown: fingerprint } });
  const wrong = await a.ask('POST', `peers/${toB.peer_id}/pin`, { fingerprint: fingerprint.replace(/^..../, 'ffff') });
  expect(wrong).toMatchObject({ status: 409, body: { code: 'federation.key-differs' } });
  expect(await a.ask('POST', `peers/${toB.peer_id}/pin`, { fingerprint })).toMatchObject({ status: 202 });
  expect(await until(a, toB.peer_id, ({ status }) => status === 'connected')).toMatchObject({ key_fingerprint: fingerprint });
});

it('gives the key of which the fact was lost to who renews it, and makes none', async () => {
  const { store, db, box } = a;
  const of = { commands: store.commands, db, box, instanceId: store.identity.instance_id, by: 'a test', confirm: undefined };
  const [{ key_id: named }] = await db.query('SELECT key_id FROM private.instance_key');
  const rows = new InstanceKeyRows(db, box);
  const later = makeKeyPair();
  await rows.keep('key-later', later);
  await rows.forget(named as string);
  expect(await renewKey(of)).toBe(keyFingerprint(later.publicKey));
  expect(await db.query('SELECT key_id FROM private.instance_key')).toEqual([{ key_id: 'key-later' }]);
});

it('opens a private half with the key that sealed it, and with no other', async () => {
  const { db, box } = a;
  const open = (with_: SecretBox | null) => new InstanceKeyRows(db, with_).open('key-later');
  expect(await open(box)).toMatchObject({ publicKey: expect.stringMatching(/^.{43}$/) });
  expect([await open(new SecretBox(randomBytes(32))), await open(null)]).toEqual(['sealed', 'sealed']);
  expect(await new InstanceKeyRows(db, box).open('key-none')).toBe('missing');
});

it('has no secret in the log, the database or what was written', async () => {
  const secret = toB.outbound_secret ?? '';
  expect(secret).toMatch(/^cbfs_/);
  for (const { logCapture, db } of [a, b]) {
    expect(logCapture.text).not.toContain(secret);
    expect(JSON.stringify(await db.query('SELECT * FROM private.peer_secret'))).not.toContain(secret);
  }
});
