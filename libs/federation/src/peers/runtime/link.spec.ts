import { type Instance, InstanceLog, QUICK, openInstance, until } from '../../../testing/instance.js';
import type { HeartbeatMissed, HeartbeatReceived, PeerStatusChanged } from '../events/index.js';
import { peerSentence } from '../peer-sentences.js';
import { PeerCache } from './peer-cache.provider.js';

const SECRET = 'correct horse battery staple';
const A = 'inst-a';
const B = 'inst-b';

const running = new Set<Instance>();
const start = async (log: InstanceLog, how?: Parameters<typeof openInstance>[1]): Promise<Instance> => {
  const instance = await openInstance(log, how);
  running.add(instance);
  return instance;
};
const kill = async (instance: Instance): Promise<void> => {
  running.delete(instance);
  await instance.stop();
};
afterEach(async () => {
  await Promise.all([...running].map(kill));
});

const evaluation = (log: InstanceLog, peerId: string): string => {
  const { to = 'none', reason = null } = log.evaluation(peerId) ?? {};
  return reason === null ? to : `${to} ${reason}`;
};
const becomes = (log: InstanceLog, peerId: string, expected: string): Promise<string> =>
  until(
    `${peerId} is ${expected} at ${log.instanceId}`,
    () => evaluation(log, peerId),
    (now) => now === expected,
  );
const portOf = ({ url }: Instance): number => Number(new URL(url).port);

/** Two instances that have each other registered, with these secrets. */
const pair = async (secretOfA = SECRET, secretOfB = SECRET) => {
  const [a, b] = await Promise.all([start(new InstanceLog(A)), start(new InstanceLog(B))]);
  return { a, b, toB: a.log.register(B, b.url, secretOfA), toA: b.log.register(A, a.url, secretOfB) };
};
const connected = async () => {
  const both = await pair();
  await Promise.all([becomes(both.a.log, both.toB, 'connected'), becomes(both.b.log, both.toA, 'connected')]);
  return both;
};

it('verifies each side once, and both are connected', async () => {
  const { a, b, toB, toA } = await connected();
  expect(a.log.of('federation.peer.verified')).toEqual([{ peer_id: toB }]);
  expect(b.log.of('federation.peer.verified')).toEqual([{ peer_id: toA }]);
});

it('keeps heartbeats of both ways on both sides, with the round trip, and what we are there', async () => {
  const { a, b, toB, toA } = await connected();
  for (const [{ log }, peerId] of [
    [a, toB],
    [b, toA],
  ] as const) {
    const kept = (): HeartbeatReceived[] => log.measured<HeartbeatReceived>('federation.heartbeat.received');
    const last = (direction: 'in' | 'out'): HeartbeatReceived | undefined => kept().findLast((one) => one.direction === direction);
    await until(
      'both directions say connected',
      () => [last('in')?.their_view, last('out')?.their_view],
      (views) => views.every((view) => view === 'connected'),
    );
    expect(last('out')).toMatchObject({ peer_id: peerId, direction: 'out', rtt_ms: expect.any(Number), calls_in: 0, calls_out: 0 });
    expect(last('in')).toMatchObject({ peer_id: peerId, direction: 'in', rtt_ms: null });
    const seqs = kept()
      .filter(({ direction }) => direction === 'in')
      .map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    expect(last('in')?.boot_id).toBe(last('out')?.boot_id); // Both are of the other side's process.
  }
});

/** As a reader is told it now. */
const told = (evaluation: PeerStatusChanged | undefined): string =>
  evaluation === undefined
    ? ''
    : peerSentence(evaluation.reason, { ...evaluation.details, last_good_at: evaluation.last_good_at }, Date.now());

it('is red with the reason and the next attempt when the other side is killed, and green by itself when it is back', async () => {
  const { a, b, toB } = await connected();
  await kill(b);
  const at = Date.now();
  await becomes(a.log, toB, 'disconnected connect_refused');
  const red = a.log.evaluation(toB) as PeerStatusChanged;
  expect(told(red)).toMatch(/^No answer for \d+ s, \d+ attempts failed: 127\.0\.0\.1:\d+ refuses connections\.$/);
  expect(Date.parse(red.next_retry_at ?? '')).toBeGreaterThan(at);
  expect(Date.parse(red.last_good_at ?? '')).toBeLessThan(Date.parse(red.next_retry_at ?? ''));
  const missed = a.log.measured<HeartbeatMissed>('federation.heartbeat.missed');
  expect(missed.length).toBeGreaterThanOrEqual(2);
  expect(red.evidence.length).toBeGreaterThanOrEqual(2);
  const again = await start(b.log, { port: portOf(b) });
  await becomes(a.log, toB, 'connected');
  expect(again.log.of('federation.peer.verified')).toHaveLength(1); // It is verified still.
});

it('is hurried out of its back-off by the other side itself', async () => {
  const slow = { ...QUICK, backoff: { ...QUICK.backoff, firstMs: 3_600_000, capMs: 3_600_000 } };
  const a = await start(new InstanceLog(A), { policy: slow });
  const b = await start(new InstanceLog(B));
  const toB = a.log.register(B, b.url, SECRET);
  b.log.register(A, a.url, SECRET);
  await becomes(a.log, toB, 'connected');
  await kill(b);
  await until(
    'it failed once',
    () => a.log.measured('federation.heartbeat.missed').length,
    (n) => n > 0,
  );
  await start(b.log, { port: portOf(b) });
  const answered = (): number =>
    a.log.measured<HeartbeatReceived>('federation.heartbeat.received').filter(({ direction }) => direction === 'out').length;
  const before = answered();
  await until('it answers again', answered, (n) => n > before);
});

it('says auth_failed on both sides when they hold different secrets, and which', async () => {
  const { a, b, toB, toA } = await pair(SECRET, 'another secret altogether');
  await Promise.all([becomes(a.log, toB, 'auth_failed auth_rejected'), becomes(b.log, toA, 'auth_failed auth_rejected')]);
  const theirs = b.app.get(PeerCache).get(toA)?.secret_fingerprint ?? '';
  expect(told(a.log.evaluation(toB))).toContain(`its is ${theirs}.`);
  for (const { log } of [a, b]) {
    expect(log.of('federation.peer.verified')).toEqual([]);
    expect(log.measured('federation.heartbeat.received')).toEqual([]);
  }
});

it('stays pending when only one side is registered, says which is missing, and counts nothing', async () => {
  const [a, b] = await Promise.all([start(new InstanceLog(A)), start(new InstanceLog(B))]);
  const toB = a.log.register(B, b.url, SECRET);
  await becomes(a.log, toB, 'pending auth_rejected');
  expect(told(a.log.evaluation(toB))).toContain(
    'the other side refuses this instance: it has not registered it yet, or holds another secret.',
  );
  expect([...a.log.types, ...b.log.types]).not.toContain('federation.peer.verified');
  expect([...a.log.measured('federation.heartbeat.received'), ...b.log.measurements]).toEqual([]);
  b.log.register(A, a.url, SECRET); // And then the other is.
  await becomes(a.log, toB, 'connected');
});

it('says auth_failed when the other side removed us and registered us anew with another secret', async () => {
  const { a, b, toB } = await connected();
  const anew = new InstanceLog(B);
  await kill(b);
  anew.register(A, a.url, 'another secret altogether');
  await start(anew, { port: portOf(b) });
  await becomes(a.log, toB, 'auth_failed auth_rejected');
  expect(anew.of('federation.peer.verified')).toEqual([]);
});

it('challenges again when the other side registered us anew with the same secret', async () => {
  const { a, b, toB } = await connected();
  const anew = new InstanceLog(B, b.log.keyRows);
  await kill(b);
  const toA = anew.register(A, a.url, SECRET);
  await start(anew, { port: portOf(b) });
  await becomes(anew, toA, 'connected');
  await becomes(a.log, toB, 'connected');
  expect(a.log.of('federation.peer.verified')).toHaveLength(1);
});

it('is incompatible when both speak no common version', async () => {
  const [a, b] = await Promise.all([
    start(new InstanceLog(A)),
    start(new InstanceLog(B), { policy: { ...QUICK, protocol: { min: 2, max: 3 } } }),
  ]);
  const toB = a.log.register(B, b.url, SECRET);
  const toA = b.log.register(A, a.url, SECRET);
  await Promise.all([becomes(a.log, toB, 'incompatible protocol_mismatch'), becomes(b.log, toA, 'incompatible protocol_mismatch')]);
  expect([...a.log.types, ...b.log.types]).not.toContain('federation.peer.verified');
});
