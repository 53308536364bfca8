import { createHash } from 'node:crypto';
import { LogFull } from '@app/event-store';
import { newEvent } from '@app/kernel';
import { type TestProxy, TOKEN, openProxy } from '../../../testing/proxy-instance.js';
import { RawAgent } from '../../../testing/raw-agent.js';
import { SdkAgent, TELL } from '../../../testing/sdk-agent.js';
import { sdkClients, tell } from '../../../testing/sdk-client.js';
import { RouteEdited, RouteRemoved } from '../../routing/events/index.js';

const SECRET = 'Bearer cb-agent-9f2c';
const CREDENTIAL = { credential_id: 'cred-1', header: 'Authorization', version: 1, fingerprint: '3f2a-91bc-04de-77a1' };
/** As cards are rewritten. */
const interfaceKey = (url: string): string => createHash('sha256').update(url).digest('hex').slice(0, 12);
const send = (more: object = {}): string =>
  JSON.stringify({
    ...{ jsonrpc: '2.0', id: 'r-1', method: 'SendMessage' },
    params: { message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: TELL.echo }] }, ...more },
  });
const HEADERS = { 'content-type': 'application/json', 'a2a-version': '1.0', authorization: TOKEN };

interface Fault {
  readonly error: { readonly message: string; readonly data: { readonly metadata: { readonly code: string } }[] };
}
const codeOf = (body: unknown): string | undefined => (body as Partial<Fault>).error?.data[0]?.metadata.code;

describe('an agent that demands a bearer', () => {
  let agent: SdkAgent;
  let proxy: TestProxy;
  beforeEach(async () => {
    agent = await SdkAgent.open();
    agent.demands = SECRET;
    proxy = await openProxy(agent.url);
    proxy.there.credentials.set(CREDENTIAL.credential_id, SECRET);
  });
  afterEach(() => Promise.all([proxy.close(), agent.close()]));

  const edited = (more: Partial<RouteEdited>) =>
    newEvent(RouteEdited, { ...RouteEdited.example, rule_id: 'rule-1', classes: null, target_url: agent.url, limits: null, ...more });
  const withCredential = (more: Partial<RouteEdited> = {}): void => proxy.there.log.add(edited({ credential: CREDENTIAL, ...more }));
  const urlOf = (): string =>
    `${proxy.forwarded()}i/${interfaceKey(`${proxy.there.url}/federation/v1/a2a/travel/i/${interfaceKey(`${agent.url}a2a`)}`)}`;
  const post = (body = send()): Promise<Response> => fetch(urlOf(), { method: 'POST', headers: HEADERS, body });

  it('answers an unmodified client on the other instance, by the credential of the rule', async () => {
    withCredential();
    const client = await sdkClients(TOKEN).current(proxy.forwarded());
    expect(await client.sendMessage(tell(TELL.echo))).toMatchObject({ messageId: 'answer' });
    expect(agent.observed.map(({ headers }) => headers.authorization)).toEqual([SECRET, SECRET]);
    expect(await proxy.there.calls.said('accepted')).toMatchObject({ rule_id: 'rule-1', rule_version: proxy.there.log.facts.length });
  });

  it.each([
    ['no credential', null],
    ['another credential', 'Bearer other'],
  ])('is not asked as the caller with %s: its 401 is a 502 with the cause, on both sides', async (_what, value) => {
    if (value !== null) proxy.there.credentials.set(CREDENTIAL.credential_id, value);
    agent.demands = null;
    await fetch(`${proxy.forwarded()}.well-known/agent-card.json`, { headers: HEADERS }); // Its card is read while it is open.
    agent.demands = SECRET;
    if (value !== null) withCredential();
    const answer = await post();
    const body = (await answer.json()) as Fault;
    expect([answer.status, codeOf(body), answer.headers.get('www-authenticate')]).toEqual([502, 'federation.agent-refused', null]);
    const [there, here] = await Promise.all([proxy.there.calls.said('failed'), proxy.here.calls.said('failed')]);
    expect([there, here]).toMatchObject([{ reason: 'agent_refused' }, { reason: 'agent_refused', http_status: 502 }]);
  });

  it('shows no card without it, which is on record on both sides under one id', async () => {
    const answer = await fetch(`${proxy.forwarded()}.well-known/agent-card.json`, { headers: HEADERS });
    expect([answer.status, await answer.json()]).toMatchObject([502, { code: 'federation.agent-refused' }]);
    const [there, here] = await Promise.all([proxy.there.calls.said('denied'), proxy.here.calls.said('denied')]);
    const expected = { reason: 'card_auth_rejected', method: 'GetAgentCard', method_class: 'read', agent: 'travel', rule_id: 'rule-1' };
    expect([there, here]).toMatchObject([expected, expected]);
    expect(there['call_id']).toBe(here['call_id']);
  });

  it('is called while the database is down, once the credential was read', async () => {
    withCredential();
    expect((await post()).status).toBe(200);
    proxy.there.broken.add('secrets');
    expect((await post()).status).toBe(200);
  });

  it.each([
    ['cannot be read', () => proxy.there.broken.add('secrets')],
    ['is gone', () => proxy.there.credentials.clear()],
  ])('is sent nothing while its credential %s', async (_what, lose) => {
    agent.demands = null;
    expect((await post()).status).toBe(200); // The card and the peers' secrets are in memory from here on.
    agent.observed.length = 0;
    withCredential();
    lose();
    const answer = await post();
    expect([answer.status, codeOf(await answer.json())]).toEqual([503, 'federation.credential-unavailable']);
    expect(agent.observed).toEqual([]);
    expect(await proxy.there.calls.said('failed')).toMatchObject({ reason: 'credential_unavailable' });
  });

  it('gets the new credential from the next call on, and none once the rule is gone', async () => {
    withCredential();
    expect((await post()).status).toBe(200);
    agent.demands = 'Bearer new';
    proxy.there.credentials.set('cred-2', agent.demands);
    expect((await post()).status).toBe(502);
    withCredential({ credential: { ...CREDENTIAL, credential_id: 'cred-2', version: 2 } });
    expect((await post()).status).toBe(200);
    proxy.there.log.add(newEvent(RouteRemoved, { route_table: 'main', rule_id: 'rule-1' }));
    agent.observed.length = 0;
    expect([(await post()).status, agent.observed]).toEqual([403, []]);
  });
});

describe('an agent of ours', () => {
  let agent: RawAgent;
  let proxy: TestProxy;
  beforeEach(async () => {
    agent = await RawAgent.open();
    proxy = await openProxy(agent.url);
  });
  afterEach(() => Promise.all([proxy.close(), agent.close()]));

  const card = async (name = 'travel') => fetch(`${proxy.forwarded(name)}.well-known/agent-card.json`, { headers: HEADERS });
  const interfaces = async (): Promise<{ url: string; protocolBinding: string }[]> =>
    ((await (await card()).json()) as { supportedInterfaces: { url: string; protocolBinding: string }[] }).supportedInterfaces;
  const post = async (body = send()): Promise<Response> =>
    fetch((await interfaces())[0]?.url ?? '', { method: 'POST', headers: HEADERS, body });
  const rpc = (url: string) => ({ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' });
  const port = (): string => new URL(agent.url).port;

  it.each([401, 403])('that challenges with %s is not heard by the caller', async (status) => {
    agent.answer = (_request, response) => response.writeHead(status, { 'www-authenticate': 'Bearer' }).end('{}');
    const answer = await post();
    expect([answer.status, codeOf(await answer.json())]).toEqual([502, 'federation.agent-refused']);
  });

  it('that refuses with a 403 of its own is heard', async () => {
    agent.answer = (_request, response) => response.writeHead(403, { 'content-type': 'application/json' }).end('{"mine":1}');
    const answer = await post();
    expect([answer.status, await answer.json()]).toEqual([403, { mine: 1 }]);
    expect(await proxy.there.calls.said('failed')).toMatchObject({ reason: 'http_error', http_status: 403 });
  });

  it('never has its credential follow a redirect', async () => {
    const elsewhere = await RawAgent.open();
    try {
      proxy.there.credentials.set(CREDENTIAL.credential_id, SECRET);
      proxy.there.rule({
        direction: 'in',
        agent: 'travel',
        action: 'route',
        target_url: agent.url,
        credential: CREDENTIAL,
        before: 'rule-1',
      });
      agent.answer = (_request, response) => response.writeHead(307, { location: `${elsewhere.url}rpc` }).end();
      expect((await post()).status).toBe(502);
      expect(agent.observed.map(({ headers }) => headers.authorization)).toEqual([SECRET]);
      expect([elsewhere.observed, elsewhere.connections]).toEqual([[], 0]);
    } finally {
      await elsewhere.close();
    }
  });

  it('may call itself by another name of loopback in its card: the name of the rule is dialled', async () => {
    agent.card = () => ({ supportedInterfaces: [rpc(`http://localhost:${port()}/rpc`), rpc(`http://[::1]:${port()}/rpc6`)] });
    const found = await interfaces();
    expect(found).toHaveLength(2);
    for (const [at, { url }] of found.entries()) {
      expect((await fetch(url, { method: 'POST', headers: HEADERS, body: send() })).status).toBe(200);
      expect(agent.observed[at]?.headers.host).toBe(`127.0.0.1:${port()}`);
    }
  });

  it('keeps the interfaces that can be reached when its card names others', async () => {
    agent.card = (url) => ({ supportedInterfaces: [rpc('http://127.0.0.1:1/rpc'), rpc(`${url}rpc`), rpc('http://169.254.169.254/')] });
    expect(await interfaces()).toHaveLength(1);
    expect((await post()).status).toBe(200);
  });

  it('is not handed out when no interface is left, which is on record and in the log on both sides', async () => {
    agent.card = () => ({ supportedInterfaces: [rpc('http://127.0.0.1:1/rpc')] });
    expect((await card()).status).toBe(502);
    const [there, here] = await Promise.all([proxy.there.calls.said('denied'), proxy.here.calls.said('denied')]);
    expect([there, here]).toMatchObject([
      { reason: 'card_refused', rule_id: 'rule-1', direction: 'in' },
      { reason: 'card_refused', rule_id: 'rule-1', direction: 'out' },
    ]);
    expect(there['call_id']).toBe(here['call_id']);
  });

  it('that does not run has no card, which is on record on both sides', async () => {
    agent.die();
    expect((await card()).status).toBe(502);
    const [there, here] = await Promise.all([proxy.there.calls.said('denied'), proxy.here.calls.said('denied')]);
    expect([there, here]).toMatchObject([{ reason: 'card_not_read' }, { reason: 'card_not_read' }]);
  });

  it('without a rule has no card, which is on record on the side that has none', async () => {
    expect((await card('planner')).status).toBe(403);
    expect(await proxy.here.calls.said('denied')).toMatchObject({
      reason: 'no_rule',
      agent: 'planner',
      method: 'GetAgentCard',
      rule_id: null,
    });
    proxy.here.rule({ direction: 'out', agent: 'planner', action: 'allow' });
    expect((await card('planner')).status).toBe(403);
    expect(await proxy.there.calls.said('denied')).toMatchObject({ reason: 'no_rule', agent: 'planner', caller: null });
  });

  it('gets push configurations by a rule that names admin, and by no other', async () => {
    const config = { jsonrpc: '2.0', id: 1, method: 'CreateTaskPushNotificationConfig', params: { url: 'http://169.254.169.254/' } };
    const url = (await interfaces())[0]?.url ?? '';
    const ask = (body: string): Promise<Response> => fetch(url, { method: 'POST', headers: HEADERS, body });
    const inSend = send({ configuration: { taskPushNotificationConfig: { url: 'http://169.254.169.254/' } } });
    expect((await ask(JSON.stringify(config))).status).toBe(200); // Rules of an earlier release name no classes.
    proxy.there.rule({ direction: 'in', agent: 'travel', action: 'route', target_url: agent.url, classes: ['read', 'send'] });
    proxy.there.log.add(newEvent(RouteRemoved, { route_table: 'main', rule_id: 'rule-1' }));
    agent.observed.length = 0;
    expect((await ask(send())).status).toBe(200);
    expect([(await ask(JSON.stringify(config))).status, (await ask(inSend)).status]).toEqual([403, 403]);
    expect(agent.observed).toHaveLength(1);
    const classes = ['read', 'send', 'admin'] as const;
    proxy.there.rule({ direction: 'in', agent: 'travel', action: 'route', target_url: agent.url, classes, before: 'rule-2' });
    expect([(await ask(JSON.stringify(config))).status, (await ask(inSend)).status]).toEqual([200, 200]);
  });

  describe('behind a rule with limits', () => {
    const limited = (more: object): void =>
      proxy.there.rule({
        ...{ direction: 'in', agent: 'travel', action: 'route', target_url: agent.url, before: 'rule-1' },
        limits: { calls_per_minute: 600, concurrent_calls: 64, body_bytes: 16 * 1024 * 1024, ...more },
      });

    it('is called so often a minute, and then the caller is told when to come again', async () => {
      limited({ calls_per_minute: 2 });
      expect([(await post()).status, (await post()).status]).toEqual([200, 200]);
      const answer = await post();
      expect([answer.status, codeOf(await answer.json())]).toEqual([429, 'federation.limit-reached']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await proxy.there.calls.said('denied')).toMatchObject({ reason: 'limit_reached', rule_id: 'rule-2' });
      expect(agent.observed).toHaveLength(2);
    });

    it('is not called any more by a caller that has written its share of a day, who is told when the next one begins', async () => {
      limited({});
      proxy.there.calls.filled = { bytes: 99, maxBytes: 100 };
      expect((await post()).status).toBe(200);
      await proxy.there.calls.said('completed');
      const records = proxy.there.calls.types.length;
      const answer = await post();
      expect([answer.status, codeOf(await answer.json())]).toEqual([429, 'federation.budget-spent']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect([proxy.there.calls.types.length, agent.observed.length]).toEqual([records, 1]);
    });

    it('is called on by a rule of before limits, though the share of a day is written', async () => {
      proxy.there.calls.filled = { bytes: 99, maxBytes: 100 };
      expect([(await post()).status, (await post()).status]).toEqual([200, 200]);
    });

    it('is not called when the record has no room for the call, and the caller is told so', async () => {
      const full = new LogFull({ code: 'event-store.reserve', detail: 'The record of calls is 95 % full.' });
      proxy.here.calls.record = () => Promise.reject(full);
      const answer = await post();
      expect([answer.status, codeOf(await answer.json())]).toEqual([503, 'federation.record-full']);
      expect([proxy.there.calls.types, agent.observed]).toEqual([[], []]);
    });

    it('is called by so many at once, and by the next when one has ended', async () => {
      limited({ concurrent_calls: 1 });
      const reached = Promise.withResolvers<() => void>();
      agent.answer = (_request, response) => reached.resolve(() => void response.end('{}'));
      const first = post();
      const answer = await reached.promise;
      agent.answer = (_request, response) => void response.end('{}');
      expect((await post()).status).toBe(429);
      answer();
      await (await first).text();
      await proxy.there.calls.said('completed');
      expect((await post()).status).toBe(200);
    });

    it('is sent bodies up to the bytes that the rule lets through, and none that is larger than all of them', async () => {
      limited({ body_bytes: 1024 });
      const large = await post(send({ metadata: { x: 'x'.repeat(1024) } }));
      expect([large.status, codeOf(await large.json())]).toEqual([413, 'federation.rule-body-limit']);
      expect((await post(send({ metadata: { x: 'x'.repeat(600) } }))).status).toBe(200);
      expect(agent.observed).toHaveLength(1);
    });
  });
});
