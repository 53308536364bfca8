import { RawAgent } from '../../libs/federation/testing/raw-agent.js';
import { SdkAgent, TELL } from '../../libs/federation/testing/sdk-agent.js';
import { all, sdkClients, settled, tell } from '../../libs/federation/testing/sdk-client.js';
import { describeOpenClawChannel } from './openclaw-channel.js';
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
    const waiting = (await lisbon.get(`peers/${portoAtLisbon}?after=${added.body.position}`)).body.data;
    expect(waiting).toMatchObject({ lifecycle: 'pending', status: 'pending', last_heartbeat_at: null });
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

  describe('let an unmodified SDK client call an unmodified SDK agent', () => {
    let agent: SdkAgent;
    const proxyUrl = (): string => `${lisbon.publicUrl}/a2a/peers/${portoAtLisbon}/agents/travel/`;
    const clients = () => sdkClients(`Bearer ${lisbon.token}`);
    beforeAll(async () => {
      agent = await SdkAgent.open();
      const out = { direction: 'out', peer_id: portoAtLisbon, agent: 'travel', action: 'allow' };
      await lisbon.call('POST', 'routes', out);
      const inn = { direction: 'in', peer_id: lisbonAtPorto, agent: 'travel', action: 'route', target_url: agent.url };
      await porto.call('POST', 'routes', inn);
      const card = () => fetch(`${proxyUrl()}.well-known/agent-card.json`, { headers: { authorization: `Bearer ${lisbon.token}` } });
      await until(card, ({ ok }) => ok, 20_000, 'both have heard of the rules');
    });
    afterAll(() => agent.close());

    it.each([
      ['1.0', 'current'],
      ['0.3', 'legacy'],
    ] as const)('in %s, blocking and streaming, and hear what they would hear directly', async (version, kind) => {
      const [direct, far] = [await clients()[kind](agent.url), await clients()[kind](proxyUrl())];
      expect([direct.protocolVersion, far.protocolVersion]).toEqual([version, version]);
      expect(settled(await far.sendMessage(tell(TELL.task)))).toEqual(settled(await direct.sendMessage(tell(TELL.task))));
      const heard = settled(await all(far.sendMessageStream(tell(TELL.task))));
      expect(heard).toEqual(settled(await all(direct.sendMessageStream(tell(TELL.task)))));
      expect(heard).toHaveLength(3);
    });

    it('event by event, each when it is said', async () => {
      const stream = (await clients().current(proxyUrl())).sendMessageStream(tell(TELL.slowly))[Symbol.asyncIterator]();
      expect((await stream.next()).value?.payload).toMatchObject({ $case: 'task' }); // The agent says no more before it is told to.
      agent.goOn();
      expect(await all({ [Symbol.asyncIterator]: () => stream })).toHaveLength(2);
    });

    it('who is given neither what we signed nor what the caller showed', () => {
      const seen = agent.observed.filter(({ headers }) => headers.authorization === undefined);
      expect(seen.length).toBeGreaterThan(5);
      expect(seen.flatMap(({ headers }) => Object.keys(headers)).filter((name) => /^x-cb-|^cookie$/.test(name))).toEqual([]);
    });

    it('under one id that joins the rows of both sides, and counted at both', async () => {
      const rows = async (at: System, peer: string): Promise<Record<string, unknown>[]> => (await at.get(`peers/${peer}/calls`)).body.data;
      const all = (calls: Record<string, unknown>[]): boolean =>
        calls.length === 5 && calls.every(({ outcome }) => outcome === 'completed');
      const there = await until(() => rows(porto, lisbonAtPorto), all, 20_000, 'Porto has all five calls');
      const here = await until(() => rows(lisbon, portoAtLisbon), all, 20_000, 'Lisbon has all five calls');
      const joined = (calls: Record<string, unknown>[]) =>
        calls.map(({ call_id, agent: name, method, protocol_version, sse_events, response_bytes }) => ({
          ...{ call_id, name, method, protocol_version, sse_events, response_bytes },
        }));
      expect(joined(here)).toEqual(joined(there));
      const counted = async () => [(await peerAt(lisbon, portoAtLisbon)).calls_out, (await peerAt(porto, lisbonAtPorto)).calls_in];
      await until(counted, (counts) => counts.every((count) => count === 5), 20_000, 'both have counted five calls');
    });

    it('that demands a bearer, which the routing rule carries', async () => {
      const { rule_id } = ((await porto.get('routes')).body.data as { rule_id: string }[])[0]!;
      agent.demands = 'Bearer cb-agent-e2e';
      const card = () => fetch(`${proxyUrl()}.well-known/agent-card.json`, { headers: { authorization: `Bearer ${lisbon.token}` } });
      expect([(await card()).status, await (await card()).json()]).toMatchObject([502, { code: 'federation.agent-refused' }]);
      const edited = await porto.call('PATCH', `routes/${rule_id}`, { credential: { value: agent.demands } });
      expect(edited).toMatchObject({ status: 202, body: { agent: { ok: true } } });
      await until(card, ({ ok }) => ok, 20_000, 'the process that calls has heard of the credential');
      const far = await clients().current(proxyUrl());
      expect(await far.sendMessage(tell(TELL.echo))).toMatchObject({ messageId: 'answer' });
      expect(agent.observed.at(-1)?.headers.authorization).toBe(agent.demands);
      const kept = await until(
        async () => (await porto.get(`peers/${lisbonAtPorto}/calls?outcome=denied`)).body.data as Record<string, unknown>[],
        (calls) => calls.length === 2,
        20_000,
        'the cards that were not read are on record',
      );
      expect(kept).toMatchObject([{ method: 'GetAgentCard', reason: 'card_auth_rejected', agent: 'travel' }, {}]);
    });

    it('and are told by the rules when they may not', async () => {
      const tested = { direction: 'in', peer_id: lisbonAtPorto, agent: 'treasurer', method: 'SendMessage' };
      expect((await porto.call('POST', 'routes/test', tested)).body).toMatchObject({ action: 'deny', rule_id: null });
      await expect(clients().current(proxyUrl().replace('travel', 'treasurer'))).rejects.toThrow(/403/);
    });
  });

  describe('tell one caller from another', () => {
    let agent: RawAgent;
    const base = (): string => `${lisbon.publicUrl}/a2a/peers/${portoAtLisbon}/agents/held/`;
    const of = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json', 'a2a-version': '1.0' });
    const issued = async (role: string, more: object = {}): Promise<{ token: string; token_id: string }> =>
      (await lisbon.call('POST', 'tokens', { name: `travel ${role}`, role, expires_in_days: 1, ...more })).body;
    const callerToken = () => issued('caller', { bindings: [{ peer_id: portoAtLisbon, agent: 'held', method_class: null }] });
    const card = (token: string) => fetch(`${base()}.well-known/agent-card.json`, { headers: of(token) });
    const send = async (token: string): Promise<Response> => {
      const { supportedInterfaces } = (await (await card(token)).json()) as { supportedInterfaces: { url: string }[] };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message: { messageId: 'm' } } });
      return fetch(supportedInterfaces[0]?.url ?? '', { method: 'POST', headers: of(token), body });
    };
    /** Until it ends or breaks off; sooner than its caller would be asked about again, which is after 16 s or more. */
    const endOf = async (answer: Response): Promise<void> => {
      let hasEnded = false;
      const over = (): void => void (hasEnded = true);
      answer.body!.pipeTo(new WritableStream()).then(over, over);
      await until(async () => hasEnded, Boolean, 10_000, 'it ends');
    };
    beforeAll(async () => {
      agent = await RawAgent.open();
      await lisbon.call('POST', 'routes', { direction: 'out', peer_id: portoAtLisbon, agent: 'held', action: 'allow' });
      await porto.call('POST', 'routes', {
        direction: 'in',
        peer_id: lisbonAtPorto,
        agent: 'held',
        action: 'route',
        target_url: agent.url,
      });
      await until(
        () => card(lisbon.token),
        ({ ok }) => ok,
        20_000,
        'both have heard of the rules',
      );
    });
    afterAll(() => agent.close());

    it('by a token of the role caller, which calls what it is bound to and nothing else', async () => {
      const { token } = await callerToken();
      agent.answer = (_request, response) => void response.end('{"jsonrpc":"2.0","id":1,"result":{}}');
      expect((await send(token)).status).toBe(200);
      expect((await fetch(`${base().replace('held', 'travel')}.well-known/agent-card.json`, { headers: of(token) })).status).toBe(403);
      expect(await lisbon.call('POST', 'routes', {}, { authorization: `Bearer ${token}` })).toMatchObject({ status: 403 });
    });

    it('which stays the same caller over a rotation, by its name here and by an opaque word there', async () => {
      const old = await callerToken();
      agent.answer = (_request, response) => void response.end('{"jsonrpc":"2.0","id":1,"result":{}}');
      await send(old.token);
      const next = (await lisbon.call('POST', `tokens/${old.token_id}/rotate`, {})).body as typeof old;
      await until(
        () => card(old.token),
        ({ status }) => status === 401,
        10_000,
        'the old token ends',
      );
      await send(next.token);
      const rowsAt = async (at: System, peer: string) =>
        (await at.get(`peers/${peer}/calls?limit=2`)).body.data as Record<string, string>[];
      const here = await until(
        () => rowsAt(lisbon, portoAtLisbon),
        ([last, first]) => last?.['actor'] === `token:${next.token_id}` && first?.['actor'] === `token:${old.token_id}`,
        20_000,
        'both calls are on record here',
      );
      expect(here.map(({ caller_name }) => caller_name)).toEqual(['travel caller', 'travel caller']);
      expect(here[0]?.['caller']).toBe(here[1]?.['caller']);
      const there = await until(
        () => rowsAt(porto, lisbonAtPorto),
        (rows) => rows.map(({ call_id }) => call_id).join() === here.map(({ call_id }) => call_id).join(),
        20_000,
        'both calls are on record there',
      );
      for (const row of there) expect(row).toMatchObject({ caller: here[0]?.['caller'], caller_name: null });
    });

    it.each<[string, (id: string) => Promise<unknown>]>([
      ['revoked', (id) => lisbon.call('POST', `tokens/${id}/revoke`)],
      ['rotated', (id) => lisbon.call('POST', `tokens/${id}/rotate`, {})],
    ])('of which a running stream ends when its token is %s', async (_how, end) => {
      const { token, token_id } = await callerToken();
      agent.answer = (_request, response) =>
        void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
      const answer = await send(token);
      expect(answer.status).toBe(200);
      await end(token_id);
      await endOf(answer);
    });

    it('and end the live feed of a token that is revoked', async () => {
      const { token, token_id } = await issued('viewer');
      const answer = await fetch(`${lisbon.origin}/api/v1/infrastructure/stream`, { headers: of(token) });
      expect(answer.status).toBe(200);
      await lisbon.call('POST', `tokens/${token_id}/revoke`);
      await endOf(answer);
    });

    it('while an operator or admin still calls, of which the log warns once for each', async () => {
      expect((await card(lisbon.token)).status).toBe(200);
      expect(lisbon.printed().match(/calls peers with the role admin/g)).toHaveLength(1);
      const [warned] = (await lisbon.get('tokens?limit=200')).body.data.filter(({ role }: { role: string }) => role === 'admin');
      expect(warned.warnings).toEqual([expect.stringContaining('--role caller')]);
    });
  });

  describeOpenClawChannel(() => ({ caller: lisbon, host: porto, hostAtCaller: portoAtLisbon, callerAtHost: lisbonAtPorto }));

  it('of which one is killed: the other says so within the bound, with reason and next retry; and is green again by itself', async () => {
    const port = { API_PORT: new URL(porto.origin).port, PUBLIC_PORT: new URL(porto.publicUrl).port };
    await porto.killAll();
    const red = await isStatus(lisbon, portoAtLisbon, 'disconnected', 3 * 15_000 + 5_000 + 10_000);
    expect(red).toMatchObject({ health: 'down', reason: expect.stringMatching(/^(connect_refused|heartbeat_timeout)$/) });
    expect(red.sentence.length).toBeGreaterThan(10);
    await until(
      () => peerAt(lisbon, portoAtLisbon),
      ({ next_retry_at }) => Date.parse(next_retry_at) > Date.parse(red.since),
      20_000,
      'it says when it tries again',
    );
    expect(red.last_good_at).not.toBeNull();
    expect(red.evidence.length).toBeGreaterThan(0);
    const { body } = await lisbon.get('overview');
    expect(body.data.problems).toContainEqual(expect.objectContaining({ kind: 'peer', id: portoAtLisbon, status: 'disconnected' }));

    porto = await startSystem({ dataDir: datas[1].path, env: { ...env, ...port }, token: porto.token });
    await isStatus(lisbon, portoAtLisbon, 'connected', 90_000);
    await isStatus(porto, lisbonAtPorto, 'connected', 90_000);
  }, 300_000);
});
