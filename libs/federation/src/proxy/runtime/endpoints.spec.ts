import { createHash } from 'node:crypto';
import { LogUnavailable } from '@app/event-store';
import { asId, newEvent } from '@app/kernel';
import { type TestProxy, TOKEN, TOO_MANY, WEAK_TOKEN, openProxy, openProxyInstance } from '../../../testing/proxy-instance.js';
import { RawAgent } from '../../../testing/raw-agent.js';
import { type PeerId, PeerStatusChanged, PeerSuspended } from '../../peers/events/index.js';
import { type AnswerToVerify, type RequestToSign, signRequest, verifyAnswer } from '../../peers/runtime/envelope.js';

let proxy: TestProxy;
let agent: RawAgent;

beforeEach(async () => {
  agent = await RawAgent.open();
  proxy = await openProxy(agent.url);
});
afterEach(() => Promise.all([proxy.close(), agent.close()]));

const SEND = JSON.stringify({ jsonrpc: '2.0', id: 'r-1', method: 'SendMessage', params: { message: { messageId: 'm' } } });
const GET = JSON.stringify({ jsonrpc: '2.0', id: 'r-1', method: 'GetTask', params: { id: 't-1' } });
const said = async (answer: Response): Promise<[number, unknown]> => [answer.status, await answer.json()];
const fault = (code: string): object => ({
  error: { code: -32603, data: [{ domain: 'clawbutler', metadata: { code, next: expect.any(String) } }] },
});

/** The URL of the agent's JSON-RPC interface, as `base` hands it out. */
async function interfaceAt(base: string, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(`${base}.well-known/agent-card.json`, { headers: { 'a2a-version': '1.0', ...headers } });
  const { supportedInterfaces = [] } = (await answer.json()) as { supportedInterfaces?: { url: string }[] };
  return supportedInterfaces[0]?.url ?? '';
}

it('the process tells that it is not ready, once the routing rules are followed no more', async () => {
  const ready = async (): Promise<[number, unknown]> => said(await fetch(`${proxy.here.url}/readyz`));
  expect(await ready()).toEqual([200, { status: 'ready', failing: [] }]);
  proxy.here.log.lose();
  expect(await ready()).toEqual([503, { status: 'not_ready', failing: ['routes'] }]);
});

describe('to clients of ours', () => {
  const as = (authorization: string): Record<string, string> => ({ authorization });
  const post = (url: string, body = SEND, headers = as(TOKEN)): Promise<Response> => fetch(url, { method: 'POST', body, headers });
  const url = (): Promise<string> => interfaceAt(proxy.forwarded(), as(TOKEN));

  it.each([
    ['no token', {}, 401, 'federation.unauthorised'],
    ['a token nobody knows', as('Bearer x'), 401, 'federation.unauthorised'],
    ['a token that may only look', as(WEAK_TOKEN), 403, 'federation.forbidden'],
    ['one of too many tokens from its address', as(TOO_MANY), 429, 'federation.too-often'],
  ])('%s is a problem, for the card as for a call', async (_what, headers, status, code) => {
    for (const answer of [
      await post(await url(), SEND, headers),
      await fetch(`${proxy.forwarded()}.well-known/agent-card.json`, { headers }),
    ]) {
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer realm="clawbutler"' : null);
      expect(answer.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
      expect(await said(answer)).toEqual([status, expect.objectContaining({ code, status, next: expect.any(String) })]);
    }
    expect(agent.observed).toEqual([]);
  });

  it.each([
    ['a rule that is not there', 'planner', {}, 'no_rule'],
    ['a rule that denies', 'planner', { direction: 'out', agent: 'planner', action: 'deny' }, 'denied_by_rule'],
    ['a rule for reading', 'planner', { direction: 'out', agent: 'planner', classes: ['read'], action: 'allow' }, 'no_rule'],
  ] as const)('%s denies a send, and leaves it on record', async (_what, name, rule, reason) => {
    if ('action' in rule) proxy.here.rule(rule);
    const answer = await post((await url()).replace('/travel/', `/${name}/`));
    const [status, body] = await said(answer);
    expect([status, body]).toMatchObject([403, { id: 'r-1', ...fault('federation.call-denied') }]);
    expect(JSON.stringify(body)).toContain('The routing rules of this instance, from which the call was to go out, do not let');
    expect(await proxy.here.calls.said('denied')).toMatchObject({ reason, method: 'SendMessage', agent: name, caller: 'opaque-1' });
    expect(proxy.there.calls.types).toEqual([]);
  });

  it('a batch is allowed when all of it is', async () => {
    proxy.here.rule({ direction: 'out', agent: 'raw', classes: ['read'], action: 'allow' });
    proxy.there.rule({ direction: 'in', agent: 'raw', action: 'route', target_url: agent.url });
    const raw = await interfaceAt(proxy.forwarded('raw'), as(TOKEN));
    expect((await post(raw, `[${GET},${SEND}]`)).status).toBe(403);
    expect((await post(raw, `[${GET},${GET}]`)).status).toBe(200);
    expect(agent.observed).toHaveLength(1);
  });

  it('a card is given to who may ask for anything, and to nobody else', async () => {
    const card = (name: string): Promise<Response> => fetch(`${proxy.forwarded(name)}.well-known/agent-card.json`, { headers: as(TOKEN) });
    expect((await card('raw')).status).toBe(403);
    proxy.here.rule({ direction: 'out', agent: 'raw', classes: ['read'], action: 'allow' });
    expect(await said(await card('raw'))).toMatchObject([
      403,
      { code: 'federation.call-denied', detail: 'The routing rules of the instance that was called do not let this call to raw through.' },
    ]);
    proxy.there.rule({ direction: 'in', agent: 'raw', classes: ['admin'], action: 'route', target_url: agent.url });
    expect((await card('raw')).status).toBe(200);
    // A card that is given is no call, and leaves no record; one that is not does.
    expect([proxy.here.calls.types, proxy.there.calls.types]).toEqual([['denied', 'denied'], ['denied']]);
  });

  it('a peer that is suspended is not called', async () => {
    const at = await url();
    const id = proxy.here.befriend(proxy.there, proxy.secret);
    proxy.here.log.add(newEvent(PeerSuspended, { peer_id: id, note: '', until: null }));
    expect(await said(await post(at))).toMatchObject([409, { id: 'r-1', ...fault('federation.peer-suspended') }]);
    expect(await proxy.here.calls.said('denied')).toMatchObject({ reason: 'peer_suspended' });
    expect((await fetch(`${proxy.forwarded()}.well-known/agent-card.json`, { headers: as(TOKEN) })).status).toBe(409);
  });

  it.each([
    ['/a2a/peers/peer-nobody/agents/travel/i/0123456789ab', 'federation.peer-unknown'],
    ['/a2a/peers/peer-inst-there/agents/travel/i/0123456789ab', 'federation.interface-unknown'],
  ])('%s is an unknown thing, in JSON-RPC', async (path, code) =>
    expect(await said(await post(proxy.here.url + path))).toMatchObject([404, { id: 'r-1', ...fault(code) }]),
  );

  it.each(['/a2a/peers/x', '/a2a/peers/x/agents/y/z'])('%s is no path', async (path) =>
    expect(await said(await post(proxy.here.url + path))).toMatchObject([404, { code: 'federation.path-unknown' }]),
  );

  it('a body of 1 MiB passes, and one byte more does not', async () => {
    const body = (bytes: number): string => SEND.slice(0, -1).concat(' '.repeat(bytes - SEND.length), '}');
    const at = await url();
    expect((await post(at, body(1024 * 1024))).status).toBe(200);
    expect(await said(await post(at, body(1024 * 1024 + 1)))).toMatchObject([413, fault('federation.body-too-large')]);
    const chunked = new Blob([body(1024 * 1024 + 1)]).stream();
    const answer = await fetch(at, { method: 'POST', headers: as(TOKEN), body: chunked, duplex: 'half' } as RequestInit);
    expect(answer.status).toBe(413);
    expect(agent.observed).toHaveLength(1);
    expect(await proxy.here.calls.said('denied')).toMatchObject({ reason: 'body_too_large', request_bytes: 1024 * 1024 + 1 });
  });

  it('what can be understood in two ways is refused', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"GetTask","method":"SendMessage"}';
    expect(await said(await post(await url(), body))).toMatchObject([400, fault('federation.request-ambiguous')]);
    expect(agent.observed).toEqual([]);
  });

  it.each([
    ['another charset', { 'content-type': 'application/json; charset=utf-7' }, '{"id":1,"method":"GetTask","+AG0-ethod":"SendMessage"}'],
    ['one charset after the other', { 'content-type': 'application/json; charset=utf-8; Charset="UTF-16"' }, GET],
  ])('nor is what has %s passed on', async (_what, headers, body) => {
    expect(await said(await post(await url(), body, { ...as(TOKEN), ...headers }))).toMatchObject([
      400,
      fault('federation.request-ambiguous'),
    ]);
    expect(agent.observed).toEqual([]);
  });

  it('who may only read sends nothing under the path of a reading either', async () => {
    proxy.here.rule({ direction: 'out', agent: 'raw', classes: ['read'], action: 'allow' });
    proxy.there.rule({ direction: 'in', agent: 'raw', action: 'route', target_url: agent.url });
    const raw = `${await interfaceAt(proxy.forwarded('raw'), as(TOKEN))}/tasks/t-1:subscribe`;
    expect((await post(raw, SEND)).status).toBe(403);
    expect((await post(raw, '[]')).status).toBe(403);
    expect((await post(raw, '{}')).status).toBe(200);
    expect(agent.observed).toHaveLength(1);
  });

  it.each(['here', 'there'] as const)('nothing goes on while it cannot be put on record %s', async (side) => {
    const at = await url();
    const { calls } = proxy[side];
    const record = calls.record.bind(calls);
    calls.record = () => Promise.reject(new LogUnavailable('the event log does not answer'));
    expect(await said(await post(at))).toMatchObject([503, { id: 'r-1', ...fault('federation.log-unavailable') }]);
    calls.record = record;
    expect(agent.observed).toEqual([]);
  });

  it.each(['here', 'there'] as const)('nothing goes on while the log %s is silent', async (side) => {
    const at = await url();
    proxy[side].log.isDown = true;
    expect((await post(at)).status).toBe(503);
    proxy[side].log.isDown = false;
    expect(agent.observed).toEqual([]);
  });

  it.each([
    ['who calls', 'tokens'],
    ['how to sign', 'secrets'],
  ] as const)('nothing goes on while it cannot be told %s', async (_what, machine) => {
    const at = await url();
    proxy.here.befriend(proxy.there, proxy.secret); // Its secret is another row, which is yet to be read.
    proxy.here.broken.add(machine);
    expect(await said(await post(at))).toMatchObject([
      503,
      machine === 'tokens' ? { code: 'federation.not-ready' } : fault('federation.not-ready'),
    ]);
    proxy.here.broken.clear();
    expect((await post(at)).status).toBe(200);
  });

  it('the peer counts what was let through', async () => {
    await (await post(await url())).text();
    expect(proxy.here.counters.of('peer-inst-there')).toEqual({ calls_in: 0, calls_out: 1 });
    expect(proxy.there.counters.of('peer-inst-here')).toEqual({ calls_in: 1, calls_out: 0 });
  });

  it('that the peer has suspended us is said as that, once its heartbeats told so', async () => {
    const at = await url();
    const suspended = { ...PeerStatusChanged.example, reason: 'suspended_by_operator' as const, to: 'degraded' as const };
    proxy.there.log.add(newEvent(PeerSuspended, { peer_id: asId<PeerId>('peer-inst-here'), note: '', until: null }));
    expect(await said(await post(at))).toMatchObject([502, { ...fault('federation.peer-refused') }]);
    proxy.here.log.add(newEvent(PeerStatusChanged, { ...suspended, peer_id: asId<PeerId>('peer-inst-there'), details: { by_them: true } }));
    expect(await said(await post(at))).toMatchObject([502, { ...fault('federation.suspended-by-peer') }]);
    expect(await proxy.here.calls.said('failed', 1)).toMatchObject({ reason: 'suspended_by_peer', http_status: 401 });
  });

  it('that the rules of the peer deny it is the reason on record here', async () => {
    const at = await url();
    proxy.there.rule({ direction: 'in', agent: 'travel', action: 'deny', before: asId('rule-1') });
    expect((await post(at)).status).toBe(403);
    expect(await proxy.here.calls.said('failed')).toMatchObject({ reason: 'denied_by_peer', http_status: 403 });
  });

  it('that the peer does not take our signature is no 401: the token of the client is good', async () => {
    const at = await url();
    proxy.there.befriend(proxy.here, 'another secret of sufficient length');
    expect(await said(await post(at))).toMatchObject([502, { id: 'r-1', ...fault('federation.peer-refused') }]);
    expect(await proxy.here.calls.said('failed')).toMatchObject({ reason: 'auth_rejected', http_status: 401 });
    const card = await fetch(`${proxy.forwarded()}.well-known/agent-card.json`, { headers: as(TOKEN) });
    expect(await said(card)).toMatchObject([502, { code: 'federation.peer-refused' }]);
  });
});

describe('to peers', () => {
  const path = (url: string): string => url.slice(proxy.there.url.length);
  /** Signed as the other instance would; `sent` is what is sent instead of what was signed. */
  function ask(
    signed: Partial<RequestToSign> & { path: string },
    sent: { path?: string; body?: string; method?: string; to?: string } = {},
  ) {
    const request: RequestToSign = {
      ...{ secret: proxy.secret, key_id: 'k', from: 'inst-here', to: 'inst-there', method: 'POST', now: new Date(), call: 'call-1' },
      ...{ authority: new URL(proxy.there.url).host, body: Buffer.from(signed.method === 'GET' ? '' : SEND), ...signed },
    };
    const headers = { ...signRequest(request), 'content-type': 'application/json', 'a2a-version': '1.0' };
    const method = sent.method ?? request.method;
    const body = method === 'GET' ? {} : { body: sent.body ?? request.body };
    return {
      headers,
      send: () => fetch((sent.to ?? proxy.there.url) + (sent.path ?? request.path), { method, headers, ...body } as RequestInit),
    };
  }
  const BASE = '/federation/v1/a2a/travel/';
  const rpcPath = async (): Promise<string> => {
    const card = await ask({ method: 'GET', path: `${BASE}.well-known/agent-card.json` }).send();
    return path(((await card.json()) as { supportedInterfaces: { url: string }[] }).supportedInterfaces[0]?.url ?? '');
  };

  it('a call that is signed is let through, under the id that it came with', async () => {
    expect((await ask({ path: await rpcPath(), caller: 'c-9' }).send()).status).toBe(200);
    expect(await proxy.there.calls.said('completed')).toMatchObject({ call_id: 'call-1', peer_id: 'peer-inst-here' });
    expect(await proxy.there.calls.said('accepted')).toMatchObject({ caller: 'c-9', direction: 'in', rule_id: 'rule-1' });
  });

  describe('is refused with 401, whatever the reason,', () => {
    const NO = { type: 'urn:problem:federation.not-a-peer', status: 401, code: 'federation.not-a-peer' };
    const refused = async (request: ReturnType<typeof ask>): Promise<void> => {
      const answer = await request.send();
      expect(await said(answer)).toEqual([401, expect.objectContaining(NO)]);
      expect(agent.observed).toEqual([]);
    };

    it('one whose body was tampered with', async () => refused(ask({ path: await rpcPath() }, { body: SEND.replace('"m"', '"n"') })));
    it('one whose path was tampered with', async () =>
      refused(ask({ path: await rpcPath() }, { path: `${await rpcPath()}/message:send` })));
    it('one whose query was tampered with', async () => refused(ask({ path: await rpcPath() }, { path: `${await rpcPath()}?tenant=8` })));
    it('one whose method was changed', async () => refused(ask({ path: await rpcPath() }, { method: 'PUT' })));
    it('one of an instance nobody registered', async () => refused(ask({ path: await rpcPath(), from: 'inst-other' })));
    it('one with another secret', async () => refused(ask({ path: await rpcPath(), secret: 'not the one that is shared' })));
    it('one that was signed for another instance', async () => refused(ask({ path: await rpcPath(), to: 'inst-other' })));
    it('one that was sent to another host', async () => refused(ask({ path: await rpcPath(), authority: 'elsewhere.example' })));
    it('one that is too old', async () => refused(ask({ path: await rpcPath(), now: new Date(Date.now() - 302_000) })));
    it('one that this instance signed itself', async () =>
      refused(ask({ path: await rpcPath(), from: 'inst-there', to: 'inst-here' }, {})));
    it('one without a signature', async () => {
      const answer = await fetch(proxy.there.url + (await rpcPath()), { method: 'POST', body: SEND });
      expect(answer.status).toBe(401);
      expect(agent.observed).toEqual([]);
    });
    it('one that was sent before', async () => {
      const request = ask({ path: await rpcPath() });
      expect((await request.send()).status).toBe(200);
      agent.observed.length = 0;
      await refused(request);
    });
    it('one of a peer that is suspended', async () => {
      const at = await rpcPath();
      const id = proxy.there.befriend(proxy.here, proxy.secret);
      proxy.there.log.add(newEvent(PeerSuspended, { peer_id: id, note: '', until: null }));
      await refused(ask({ path: at }));
      expect(await proxy.there.calls.said('denied')).toMatchObject({ reason: 'peer_suspended', method: 'SendMessage', caller: null });
    });
    it('one that another peer relays', async () => {
      const other = await openProxyInstance('inst-other');
      other.befriend(proxy.here, proxy.secret);
      try {
        const answer = await ask({ path: `${BASE}.well-known/agent-card.json`, method: 'GET' }, { to: other.url }).send();
        expect(answer.status).toBe(401);
      } finally {
        await other.close();
      }
    });
  });

  it.each([
    ['another host', 'https://vault.corp.example/rpc', 'vault.corp.example'],
    ['another port of the same host', 'http://127.0.0.1:1/rpc', '127.0.0.1'],
    ['an address of metadata', 'http://169.254.169.254/latest', '169.254'],
  ])('a card does not lead away from its agent, to %s, and the peer is not told where to', async (_what, url, secret) => {
    const at = await rpcPath();
    agent.card = () => ({ supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }] });
    const card = await ask({ method: 'GET', path: `${BASE}.well-known/agent-card.json` }).send();
    const call = await ask({ path: at.replace(/[^/]+$/, '0123456789ab') }).send();
    for (const answer of [card, call]) {
      const text = await answer.text();
      expect([answer.status, text]).toEqual([502, expect.stringContaining('not where the routing rule leads')]);
      expect(text).not.toContain(secret);
      expect(text).not.toContain(new URL(agent.url).host);
    }
    expect(agent.observed).toEqual([]);
  });

  it('a call that a new rule leads elsewhere, while the card of its agent is read, does not go where it was led before', async () => {
    const elsewhere = await RawAgent.open();
    try {
      agent.cardAnswer = (_request, response) => {
        proxy.there.rule({ direction: 'in', agent: 'travel', action: 'route', target_url: elsewhere.url, before: 'rule-1' });
        response.end(JSON.stringify(agent.card(agent.url)));
      };
      const key = createHash('sha256').update(`${agent.url}rpc?tenant=7`).digest('hex').slice(0, 12);
      const answer = await ask({ path: `${BASE}i/${key}` }).send();
      expect([answer.status, agent.observed]).toEqual([404, []]); // The interface that was asked for is none of the other's.
      expect(await proxy.there.calls.said('denied')).toMatchObject({ reason: 'interface_unknown', rule_id: 'rule-2' });
    } finally {
      await elsewhere.close();
    }
  });

  it.each([
    ['in a circle', ['inst-there'], 'loop'],
    ['by too many instances', ['inst-x', 'inst-y', 'inst-z'], 'too_many_hops'],
  ])('a call that went %s is one of 508, and on record', async (_how, via, reason) => {
    expect(await said(await ask({ path: await rpcPath(), via }).send())).toMatchObject([508, { code: 'federation.loop' }]);
    expect(await proxy.there.calls.said('denied')).toMatchObject({ reason, agent: 'travel', method: 'SendMessage', call_id: 'call-1' });
    expect([agent.observed, proxy.there.calls.types]).toEqual([[], ['denied']]);
  });

  it('what is signed and refused is on record only when it is a call', async () => {
    const at = await rpcPath();
    for (const path of [`${BASE}.well-known/agent-card.json`, '/federation/v1/agents', `${BASE}nothing`])
      expect((await ask({ method: 'GET', path, via: ['inst-there'] }).send()).status).toBe(508);
    expect((await ask({ path: at, secret: 'a guess', via: ['inst-there'] }).send()).status).toBe(401);
    await ask({ path: at, via: ['inst-there'] }).send();
    expect(await proxy.there.calls.said('denied')).toMatchObject({ reason: 'loop' });
    expect(proxy.there.calls.types).toEqual(['denied']);
  });

  it('an agent that no rule names is denied, and on record', async () => {
    const answer = await ask({ path: (await rpcPath()).replace('/travel/', '/other/') }).send();
    expect(await said(answer)).toMatchObject([403, { id: 'r-1', ...fault('federation.call-denied') }]);
    expect(await proxy.there.calls.said('denied')).toMatchObject({ reason: 'no_rule', agent: 'other', call_id: 'call-1' });
  });

  it('the first rule that matches decides', async () => {
    const at = await rpcPath();
    proxy.there.rule({ direction: 'in', agent: 'raw', classes: ['send'], action: 'deny' });
    proxy.there.rule({ direction: 'in', agent: 'raw', action: 'route', target_url: agent.url });
    const raw = at.replace('/travel/', '/raw/');
    expect((await ask({ path: raw }).send()).status).toBe(403);
    expect(await proxy.there.calls.said('denied')).toMatchObject({ reason: 'denied_by_rule', rule_id: 'rule-2' });
    expect((await ask({ path: raw, body: Buffer.from(GET) }).send()).status).toBe(200);
  });

  it('the agents that rules open to the peer are listed, signed for the question', async () => {
    proxy.there.rule({ direction: 'in', agent: 'open', classes: ['read'], action: 'route', target_url: agent.url });
    proxy.there.rule({ direction: 'in', agent: 'closed', action: 'deny' });
    proxy.there.rule({ direction: 'in', peer_id: null, agent: null, classes: ['read'], action: 'route', target_url: agent.url });
    const request = ask({ method: 'GET', path: '/federation/v1/agents' });
    const answer = await request.send();
    const body = Buffer.from(await answer.arrayBuffer());
    expect(JSON.parse(body.toString())).toEqual({ agents: ['open', 'travel'] });
    const verified: AnswerToVerify = {
      ...{ keys: [{ key_id: 'k', secret: proxy.secret }], from: 'inst-there', to: 'inst-here', status: 200, body },
      ...{ nonce: String((request.headers as Record<string, string>)['x-cb-nonce']), headers: Object.fromEntries(answer.headers) },
    };
    expect(verifyAnswer(verified)).toBe(true);
    expect(verifyAnswer({ ...verified, body: Buffer.from('{"agents":["all"]}') })).toBe(false);
  });

  it('a restart forgets nothing that matters: the card is read again for an interface that was handed out', async () => {
    const at = await rpcPath();
    const again = await openProxy(agent.url);
    try {
      const key = at.split('/').at(-1);
      const authority = new URL(again.there.url).host;
      const answer = await ask({ path: `${BASE}i/${key}`, secret: again.secret, authority }, { to: again.there.url }).send();
      expect(answer.status).toBe(200);
      expect(agent.observed).toHaveLength(1);
    } finally {
      await again.close();
    }
  });
});

describe('a hostile card', () => {
  const forwarded = (): Promise<Response> =>
    fetch(`${proxy.forwarded()}.well-known/agent-card.json`, { headers: { authorization: TOKEN } });
  const withUrl = (url: string) => ({ supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }] });

  it.each([
    ['wrong types', { supportedInterfaces: 7 }],
    ['no JSON', '<html>'],
    ['too much of it', JSON.stringify({ ...withUrl('http://127.0.0.1/'), description: 'x'.repeat(300_000) })],
    ['an interface at a metadata address', withUrl('http://169.254.169.254/latest')],
    ['an interface in a private network', withUrl('https://10.0.0.1/')],
    ['an interface without TLS', withUrl('http://agents.example/')],
  ])('is a 502: %s', async (_what, card) => {
    agent.card = () => card;
    expect(await said(await forwarded())).toMatchObject([
      502,
      { status: 502, code: expect.stringMatching(/^federation\.(card-refused|answer-invalid)$/) },
    ]);
  });

  it('that never ends is not waited for', async () => {
    const closed = Promise.withResolvers<void>();
    agent.cardAnswer = (_request, response) => {
      response.on('close', closed.resolve);
      const pump = (): void => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', pump);
      };
      pump();
    };
    expect(await said(await forwarded())).toMatchObject([502, { status: 502 }]);
    await closed.promise;
  });

  it('of a peer may not lead us away from that peer', async () => {
    const [evil, other] = await Promise.all([RawAgent.open(), RawAgent.open()]);
    try {
      evil.card = () => withUrl(`${other.url}federation/v1/a2a/travel/i/0123456789ab`);
      const id = proxy.here.befriend({ id: 'inst-evil', url: evil.url.slice(0, -1) }, proxy.secret);
      proxy.here.rule({ direction: 'out', peer_id: id, action: 'allow' });
      // It serves its card at its root only; so let it answer everything with it.
      evil.answer = (_request, response) => response.end(JSON.stringify(evil.card(evil.url)));
      const answer = await fetch(`${proxy.here.url}/a2a/peers/${id}/agents/travel/.well-known/agent-card.json`, {
        headers: { authorization: TOKEN },
      });
      expect(await said(answer)).toMatchObject([
        502,
        { code: 'federation.card-refused', detail: expect.stringContaining('not below the URL of the peer') },
      ]);
    } finally {
      await Promise.all([evil.close(), other.close()]);
    }
  });
});
