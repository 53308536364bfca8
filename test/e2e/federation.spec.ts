import { type System, ap, dataDir, newLoginLink, startSystem, until } from './system.js';

/** Two instances as two operators run them, each on data of its own, that reach each other on loopback. */
const datas = [dataDir(), dataDir()] as const;
const env = { FEDERATION_ALLOW_LOOPBACK_HTTP: 'true' };
let lisbon: System;
let porto: System;
/** The id each has at the other. */
let portoAtLisbon = '';
let lisbonAtPorto = '';
beforeAll(async () => {
  lisbon = await startSystem({ dataDir: datas[0].path, env });
  porto = await startSystem({ dataDir: datas[1].path, env });
}, 180_000);
afterAll(async () => {
  await Promise.all([lisbon.stop(), porto.stop()]);
  await Promise.all(datas.map((data) => data.remove()));
}, 60_000);

const idOf = async (system: System): Promise<string> => (await system.get('session')).body.instance_id;
const peerAt = async (system: System, peerId: string) => (await system.get(`peers/${peerId}`)).body.data;
const isStatus = (system: System, peerId: string, status: string, withinMs: number) =>
  until(
    () => peerAt(system, peerId),
    (peer) => peer?.status === status,
    withinMs,
    `${peerId} is ${status}`,
  );

describe('two instances', () => {
  it('of which one has registered the other: nothing is verified, and the link says which side is missing', async () => {
    const added = await lisbon.call('POST', 'peers', {
      remote_peer_id: await idOf(porto),
      label: 'Porto',
      url: porto.publicUrl,
      outbound_secret: 'a secret that both sides were told',
    });
    expect(added.status).toBe(202);
    portoAtLisbon = added.body.peer_id;
    const tested = await lisbon.call('POST', `peers/${portoAtLisbon}/test`);
    expect([tested.status, tested.body]).toMatchObject([200, { ok: false, reason: 'auth_rejected' }]);
    expect(await peerAt(lisbon, portoAtLisbon)).toMatchObject({ lifecycle: 'pending', status: 'pending', last_heartbeat_at: null });
    expect((await porto.get('peers')).body.data).toEqual([]);
  });

  it('test a link before it is saved: what does not work saves nothing', async () => {
    const body = { remote_peer_id: await idOf(lisbon), url: lisbon.publicUrl };
    const wrong = await porto.call('POST', 'peers/test', { ...body, outbound_secret: 'another secret of enough characters' });
    expect(wrong.body).toMatchObject({ ok: false, reason: 'auth_rejected' });
    const right = await porto.call('POST', 'peers/test', { ...body, outbound_secret: 'a secret that both sides were told' });
    expect(right.body).toMatchObject({ ok: true, reason: null, rtt_ms: expect.any(Number) });
    expect((await porto.get('peers')).body.data).toEqual([]);
    expect(await peerAt(lisbon, portoAtLisbon)).toMatchObject({ lifecycle: 'pending' });
  });

  it('that have registered each other verify each other, and are connected on both sides', async () => {
    const added = await porto.call('POST', 'peers', {
      remote_peer_id: await idOf(lisbon),
      label: 'Lisbon',
      url: lisbon.publicUrl,
      outbound_secret: 'a secret that both sides were told',
    });
    lisbonAtPorto = added.body.peer_id;
    await lisbon.call('POST', `peers/${portoAtLisbon}/retry`);
    const [there, here] = await Promise.all([
      isStatus(lisbon, portoAtLisbon, 'connected', 60_000),
      isStatus(porto, lisbonAtPorto, 'connected', 60_000),
    ]);
    expect([there.lifecycle, here.lifecycle]).toEqual(['active', 'active']);
    const beat = await until(
      () => peerAt(lisbon, portoAtLisbon),
      (peer) => peer.last_heartbeat_at !== null && peer.rtt_ms !== null && peer.their_view === 'connected',
      60_000,
      'a heartbeat says how the other side sees us',
    );
    expect(beat.rtt_ms).toBeGreaterThan(0);
  }, 120_000);

  it('are shown to each other by the command line: a profile for each', async () => {
    const home = { HOME: datas[0].path };
    for (const [name, data] of [
      ['lisbon', datas[0]],
      ['porto', datas[1]],
    ] as const) {
      const login = await ap(home, ['auth', 'login', '--profile', name], await newLoginLink(data.path));
      expect([login.code, login.stderr]).toEqual([0, expect.any(String)]);
    }
    const shown = async (profile: string) => (await ap(home, ['--profile', profile, 'infra', 'peers', 'list'])).stdout;
    expect(await shown('lisbon')).toMatch(/Porto\s+● connected/);
    expect(await shown('porto')).toMatch(/Lisbon\s+● connected/);
  }, 60_000);

  it('of which one is killed: the other says so within the bound, with reason and next retry; and is green again by itself', async () => {
    const port = { API_PORT: new URL(porto.origin).port, PUBLIC_PORT: new URL(porto.publicUrl).port };
    await porto.killAll();
    const red = await isStatus(lisbon, portoAtLisbon, 'disconnected', 3 * 15_000 + 5_000 + 10_000);
    expect(red).toMatchObject({ health: 'down', reason: expect.stringMatching(/^(connect_refused|heartbeat_timeout)$/) });
    expect(red.sentence.length).toBeGreaterThan(10);
    expect(Date.parse(red.next_retry_at)).toBeGreaterThan(Date.parse(red.since));
    expect(red.last_good_at).not.toBeNull();
    expect(red.evidence.length).toBeGreaterThan(0);
    const { body } = await lisbon.get('overview');
    expect(body.data.problems).toContainEqual(expect.objectContaining({ kind: 'peer', id: portoAtLisbon, status: 'disconnected' }));

    porto = await startSystem({ dataDir: datas[1].path, env: { ...env, ...port }, token: porto.token });
    await isStatus(lisbon, portoAtLisbon, 'connected', 90_000);
    await isStatus(porto, lisbonAtPorto, 'connected', 90_000);
  }, 300_000);
});
