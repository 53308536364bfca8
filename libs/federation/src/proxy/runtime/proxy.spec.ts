import { type TestProxy, TOKEN, openProxy } from '../../../testing/proxy-instance.js';
import { SdkAgent, TELL } from '../../../testing/sdk-agent.js';
import { all, sdkClients, settled, tell } from '../../../testing/sdk-client.js';

let proxy: TestProxy;
let agent: SdkAgent;

beforeAll(async () => {
  agent = await SdkAgent.open();
  proxy = await openProxy(agent.url);
});
afterAll(() => Promise.all([proxy.close(), agent.close()]));
beforeEach(() => {
  for (const { calls } of [proxy.here, proxy.there]) calls.turnPage();
  agent.observed.length = 0;
});

const clients = sdkClients(TOKEN);
const client: typeof clients.current = (base) => clients.current(base);
const legacyClient: typeof clients.legacy = (base) => clients.legacy(base);

describe('an unmodified client and an unmodified agent hear through two instances what they would hear directly', () => {
  describe.each([
    ['1.0', client],
    ['0.3', legacyClient],
  ])('in %s', (version, connect) => {
    it.each([TELL.echo, TELL.task])('told %s, blocking', async (text) => {
      const [direct, far] = [await connect(agent.url), await connect(proxy.forwarded())];
      expect([direct.protocolVersion, far.protocolVersion]).toEqual([version, version]);
      expect(settled(await far.sendMessage(tell(text)))).toEqual(settled(await direct.sendMessage(tell(text))));
    });

    it.each([TELL.echo, TELL.task])('told %s, streaming', async (text) => {
      const [direct, far] = [await connect(agent.url), await connect(proxy.forwarded())];
      const heard = settled(await all(far.sendMessageStream(tell(text))));
      expect(heard).toEqual(settled(await all(direct.sendMessageStream(tell(text)))));
      expect(heard).toHaveLength(text === TELL.echo ? 1 : 3);
    });

    it('asking for a task, and for one that is not', async () => {
      const far = await connect(proxy.forwarded());
      const done = (await far.sendMessage(tell(TELL.task))) as { id: string };
      const ask = { tenant: '', id: done.id, historyLength: undefined };
      expect(await far.getTask(ask)).toEqual(await (await connect(agent.url)).getTask(ask));
      await expect(far.getTask({ ...ask, id: 'no-such' })).rejects.toThrow(/no-such/);
      expect(await proxy.here.calls.said('failed')).toMatchObject({ reason: 'rpc_error', http_status: 200, rpc_error_code: -32001 });
    });

    it('is on record at both ends under one id', async () => {
      const far = await connect(proxy.forwarded());
      await all(far.sendMessageStream(tell(TELL.task)));
      const [out, inn] = await Promise.all([proxy.here.calls.said('completed'), proxy.there.calls.said('completed')]);
      expect(out['call_id']).toEqual(expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/));
      expect(inn['call_id']).toBe(out['call_id']);
      expect(out).toMatchObject({ direction: 'out', peer_id: 'peer-inst-there', http_status: 200, sse_events: 3, context_id: 'c-1' });
      expect(inn).toMatchObject({ direction: 'in', peer_id: 'peer-inst-here', http_status: 200, sse_events: 3, context_id: 'c-1' });
      expect(inn['response_bytes']).toBe(out['response_bytes']);
      expect(inn['task_id']).toBe(out['task_id']);
      const asked = {
        ...{ agent: 'travel', protocol_version: version, binding: 'JSONRPC', method_class: 'send', message_id: 'm-1', context_id: 'c-1' },
        ...{ method: version === '1.0' ? 'SendStreamingMessage' : 'message/stream', rpc_id: '1', caller: 'opaque-1' },
      };
      expect(await proxy.here.calls.said('accepted')).toMatchObject({ ...asked, call_id: out['call_id'], rule_id: 'rule-1' });
      expect(await proxy.there.calls.said('accepted')).toMatchObject({ ...asked, call_id: out['call_id'], rule_id: 'rule-1' });
    });
  });
});

it('is heard event by event, each when it is said', async () => {
  const far = await client(proxy.forwarded());
  const stream = far.sendMessageStream(tell(TELL.slowly))[Symbol.asyncIterator]();
  const first = await stream.next(); // The agent says no more before it is told to.
  expect(first.value?.payload).toMatchObject({ $case: 'task' });
  agent.goOn();
  expect((await all({ [Symbol.asyncIterator]: () => stream })).map(({ payload }) => payload?.$case)).toEqual([
    'artifactUpdate',
    'statusUpdate',
  ]);
});

it('leads the agent to believe that its caller is the next one: no envelope, no credential, no cookie', async () => {
  const headers = {
    cookie: 'session=1',
    'x-cb-caller': 'forged',
    'x-cb-anything': '1',
    'x-forwarded-for': '10.0.0.1',
    'a2a-extensions': 'urn:x',
  };
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  await post(JSON.stringify(rpc('SendMessage', send(TELL.echo))), { ...headers, 'a2a-version': '1.0', traceparent });
  expect(agent.observed.length).toBeGreaterThan(0);
  for (const { headers: observed } of agent.observed) {
    expect(Object.keys(observed).filter((name) => name.startsWith('x-') || ['authorization', 'cookie'].includes(name))).toEqual([]);
    expect(JSON.stringify(observed)).not.toContain('opaque');
  }
  expect(agent.observed.at(-1)?.headers).toMatchObject({
    'a2a-version': '1.0',
    'a2a-extensions': 'urn:x',
    traceparent,
    host: new URL(agent.url).host,
  });
  expect(await proxy.there.calls.said('accepted')).toMatchObject({ trace_id: 'a'.repeat(32), caller: 'opaque-1' });
});

it('makes a request of 1.0 without its header mean what it says', async () => {
  const text = JSON.stringify(rpc('SendMessage', send(TELL.echo)));
  expect(await (await post(text)).json()).toMatchObject({ id: 'r-1', result: { message: { role: 'ROLE_AGENT' } } });
  expect(agent.observed.at(-1)).toMatchObject({ body: text, headers: { 'a2a-version': '1.0' } });
  const legacy = { kind: 'message', role: 'user', messageId: 'm-1', parts: [{ kind: 'text', text: TELL.echo }] };
  expect(await (await post(JSON.stringify(rpc('message/send', { message: legacy })))).json()).toMatchObject({
    result: { kind: 'message' },
  });
  expect(agent.observed.at(-1)?.headers).not.toHaveProperty('a2a-version');
});

it('changes no byte of what is asked', async () => {
  const text = ` {"id":\t1.0 ,"jsonrpc":"2.0", "method" : "ForkTask\u00e9","params":{"a":12345678901234567890,"a":"é"}}\r\n`;
  await post(text, { 'a2a-version': '1.0' });
  expect(agent.observed.at(-1)?.body).toBe(text);
  expect(await proxy.here.calls.said('accepted')).toMatchObject({ rpc_id: '1.0', method: 'ForkTaské', method_class: 'send' });
});

describe('the card', () => {
  const card = (headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${proxy.forwarded()}.well-known/agent-card.json`, { headers: { authorization: TOKEN, ...headers } });

  it('leads through this instance, and asks for our token', async () => {
    const answer = await card({ 'a2a-version': '1.0' });
    expect(answer.headers.get('vary')).toBe('A2A-Version');
    const { supportedInterfaces, securitySchemes } = (await answer.json()) as Record<string, { url: string }[]>;
    expect(supportedInterfaces?.map(({ url }) => url)).toEqual(
      [0, 1].map(() => expect.stringMatching(`^${proxy.forwarded()}i/[0-9a-f]{12}$`)),
    );
    expect(securitySchemes).toHaveProperty('clawbutler');
  });

  it('is another in 0.3, by ETag too, and the same when nothing changed', async () => {
    const [current, legacy] = [await card({ 'a2a-version': '1.0' }), await card()];
    expect(await legacy.json()).toMatchObject({ url: expect.stringContaining(proxy.forwarded()), preferredTransport: 'JSONRPC' });
    const etag = current.headers.get('etag') ?? '';
    expect(legacy.headers.get('etag')).not.toBe(etag);
    expect((await card({ 'a2a-version': '1.0', 'if-none-match': `"x", W/${etag}` })).status).toBe(304);
    expect((await card({ 'if-none-match': etag })).status).toBe(200);
  });
});

/** JSON-RPC as a client without an SDK would write it. */
const rpc = (method: string, params: object): object => ({ jsonrpc: '2.0', id: 'r-1', method, params });
const send = (text: string): object => ({ message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text }] } });

async function interfaceUrl(): Promise<string> {
  const answer = await fetch(`${proxy.forwarded()}.well-known/agent-card.json`, { headers: { authorization: TOKEN } });
  return ((await answer.json()) as { url: string }).url;
}
async function post(body: string, headers: Record<string, string> = {}, url?: string): Promise<Response> {
  const sent = { 'content-type': 'application/json', authorization: TOKEN, ...headers };
  return fetch(url ?? (await interfaceUrl()), { method: 'POST', body, headers: sent });
}
