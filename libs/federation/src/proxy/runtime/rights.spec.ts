import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, request as httpRequest } from 'node:http';
import { type NewEvent, newEvent } from '@app/kernel';
import { type TestProxy, type ProxyInstance, TOKEN, openProxy } from '../../../testing/proxy-instance.js';
import { RawAgent } from '../../../testing/raw-agent.js';
import { type PeerId, PeerRemoved, PeerSuspended } from '../../peers/events/index.js';
import { RouteRemoved } from '../../routing/events/index.js';
import { RECHECK_MS } from './open-rights.js';

let proxy: TestProxy;
let agent: RawAgent;
let rpcUrl = '';

beforeEach(async () => {
  agent = await RawAgent.open();
  proxy = await openProxy(agent.url);
  const answer = await fetch(`${proxy.forwarded()}.well-known/agent-card.json`, { headers: HEADERS });
  const card = (await answer.json()) as { supportedInterfaces: { url: string }[] };
  rpcUrl = card.supportedInterfaces[0]?.url ?? '';
});
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all([proxy.close(), agent.close()]);
});

const SEND = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'SendMessage', params: { message: { messageId: 'm' } } });
const HEADERS = { authorization: TOKEN, 'content-type': 'application/json', 'a2a-version': '1.0' };
const EVENT = 'data: {"jsonrpc":"2.0","id":7,"result":{"task":{"id":"t-1","contextId":"c-1"}}}\n\n';
const [THERE, HERE] = ['peer-inst-there', 'peer-inst-here'] as PeerId[] as [PeerId, PeerId];

const suspended = (peer_id: PeerId): NewEvent => newEvent(PeerSuspended, { ...PeerSuspended.example, peer_id, note: '', until: null });
const removed = (peer_id: PeerId): NewEvent => newEvent(PeerRemoved, { ...PeerRemoved.example, peer_id });
const ruleGone = newEvent(RouteRemoved, { route_table: 'main', rule_id: 'rule-1' });
const toOther = { direction: 'in', agent: 'travel', action: 'route', target_url: 'http://127.0.0.1:1/' } as const;

/** A stream that runs through both instances, of which one event was heard. */
async function running(): Promise<{ answer: IncomingMessage; response: ServerResponse }> {
  const begun = Promise.withResolvers<ServerResponse>();
  agent.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(EVENT);
    begun.resolve(response);
  };
  const request = httpRequest(rpcUrl, { method: 'POST', headers: HEADERS });
  request.end(SEND);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  await once(answer, 'data');
  return { answer, response: await begun.promise };
}

describe('a stream is cut on both sides when', () => {
  it.each<[string, 'here' | 'there', (at: ProxyInstance) => void]>([
    ['the peer it goes to is suspended', 'here', (at) => at.log.add(suspended(THERE))],
    ['the peer it goes to is removed', 'here', (at) => at.log.add(removed(THERE))],
    ['the rule that let it out is gone', 'here', (at) => at.log.add(ruleGone)],
    ['a rule before that one denies it', 'here', (at) => at.rule({ direction: 'out', action: 'deny', before: 'rule-1' })],
    ['the peer it comes from is suspended', 'there', (at) => at.log.add(suspended(HERE))],
    ['the peer it comes from is removed', 'there', (at) => at.log.add(removed(HERE))],
    ['the rule that let it in is gone', 'there', (at) => at.log.add(ruleGone)],
    ['a rule before that one denies what it asks', 'there', (at) => at.rule({ ...denyingSend, before: 'rule-1' })],
    ['a rule before that one leads it elsewhere', 'there', (at) => at.rule({ ...toOther, before: 'rule-1' })],
  ])('%s', async (_what, where, change) => {
    const { answer, response } = await running();
    const atAgent = once(response, 'close');
    const cut = once(answer, 'end');
    cut.catch(() => undefined);
    change(proxy[where]);
    await expect(cut).rejects.toMatchObject({ code: 'ECONNRESET' });
    await atAgent;
    const other = where === 'here' ? proxy.there : proxy.here;
    expect(await proxy[where].calls.said('aborted')).toMatchObject({ reason: 'right_withdrawn', http_status: 200, sse_events: 1 });
    expect(await (where === 'here' ? other.calls.said('aborted') : other.calls.said('failed'))).toMatchObject({
      reason: where === 'here' ? 'caller_gone' : 'answer_cut',
    });
  });

  it('the token of its caller is good no longer', async () => {
    jest.useFakeTimers({ doNotFake: CLOCKS });
    const { answer, response } = await running();
    const atAgent = once(response, 'close');
    const cut = once(answer, 'end');
    cut.catch(() => undefined);
    proxy.here.revoked.add('token:t-1');
    jest.advanceTimersByTime(RECHECK_MS);
    await expect(cut).rejects.toMatchObject({ code: 'ECONNRESET' });
    await atAgent;
    expect(await proxy.here.calls.said('aborted')).toMatchObject({ reason: 'right_withdrawn' });
  });
});

it('a stream is cut on both sides as soon as the right of its caller ends, and nobody listens for that any more', async () => {
  jest.useFakeTimers({ doNotFake: CLOCKS });
  const { answer, response } = await running();
  const atAgent = once(response, 'close');
  const cut = once(answer, 'end');
  cut.catch(() => undefined);
  expect(proxy.here.endRight('token:t-2')).toBe(0);
  expect(proxy.here.endRight('token:t-1')).toBe(1); // No timer runs here: nobody is asked.
  await expect(cut).rejects.toMatchObject({ code: 'ECONNRESET' });
  await atAgent;
  expect(await proxy.here.calls.said('aborted')).toMatchObject({ reason: 'right_withdrawn' });
  expect(proxy.here.endRight('token:t-1')).toBe(0);
});

describe('a stream goes on when', () => {
  it.each<[string, () => void]>([
    [
      'another rule lets it through the same way',
      () => (proxy.here.rule({ direction: 'out', action: 'allow' }), proxy.here.log.add(ruleGone)),
    ],
    ['a rule denies something else', () => proxy.here.rule({ direction: 'out', classes: ['admin'], action: 'deny', before: 'rule-1' })],
    ['another peer is suspended', () => proxy.here.log.add(suspended(proxy.here.befriend({ id: 'inst-x', url: proxy.there.url }, 'x')))],
    ['the token of another ends', () => (proxy.here.revoked.add('token:t-2'), jest.advanceTimersByTime(RECHECK_MS))],
    [
      'nobody can tell whether its token is good',
      () => (proxy.here.revoked.add('token:t-1'), proxy.here.broken.add('tokens'), jest.advanceTimersByTime(RECHECK_MS)),
    ],
  ])('%s', async (_what, change) => {
    jest.useFakeTimers({ doNotFake: CLOCKS });
    const { answer, response } = await running();
    change();
    response.end(EVENT);
    await once(answer.resume(), 'end');
    expect(await proxy.here.calls.said('completed')).toMatchObject({ sse_events: 2 });
  });
});

it('a call that waits for its answer is cut as well, and not told that nothing was done', async () => {
  const asked = Promise.withResolvers<void>();
  agent.answer = () => asked.resolve();
  const answer = fetch(rpcUrl, { method: 'POST', headers: HEADERS, body: SEND });
  answer.catch(() => undefined);
  await asked.promise;
  proxy.here.log.add(ruleGone);
  await expect(answer).rejects.toThrow('fetch failed');
  expect(await proxy.here.calls.said('aborted')).toMatchObject({ reason: 'right_withdrawn', http_status: null, first_byte_ms: null });
});

describe('while the card of its agent is read', () => {
  const keyOf = (url: string): string => createHash('sha256').update(url).digest('hex').slice(0, 12);
  /** A call for an agent whose card was not read yet; `change` happens while it is. */
  async function during(change: () => void): Promise<Response> {
    proxy.here.rule({ direction: 'out', agent: 'other', action: 'allow' });
    proxy.there.rule({ direction: 'in', agent: 'other', action: 'route', target_url: agent.url });
    const card = agent.card(agent.url);
    agent.cardAnswer = (_request, response) => {
      agent.cardAnswer = undefined;
      change();
      response.end(JSON.stringify(card));
    };
    const key = keyOf(`${proxy.there.url}/federation/v1/a2a/other/i/${keyOf(`${agent.url}rpc?tenant=7`)}`);
    return fetch(`${proxy.forwarded('other')}i/${key}`, { method: 'POST', headers: HEADERS, body: SEND });
  }

  it('a call to which nothing happens goes on', async () => {
    expect((await during(() => undefined)).status).toBe(200);
    expect(agent.observed).toHaveLength(1);
  });

  it('a call whose rule goes is denied, and reaches nobody', async () => {
    const answer = await during(() => proxy.here.log.add(newEvent(RouteRemoved, { route_table: 'main', rule_id: 'rule-2' })));
    expect([answer.status, agent.observed]).toEqual([403, []]);
    expect(await proxy.here.calls.said('denied')).toMatchObject({ reason: 'no_rule', rule_id: null });
    expect(proxy.here.calls.types).toEqual(['denied']);
  });

  it.each([
    ['suspended', () => suspended(THERE), 409, 'peer_suspended'],
    ['removed', () => removed(THERE), 404, 'peer_not_active'],
  ] as const)('a call whose peer is %s is denied', async (_what, fact, status, reason) => {
    const answer = await during(() => proxy.here.log.add(fact()));
    expect([answer.status, agent.observed]).toEqual([status, []]);
    expect(await proxy.here.calls.said('denied')).toMatchObject({ reason });
  });
});

it('a call whose right goes while it is put on record reaches nobody', async () => {
  const { calls, log } = proxy.here;
  const record = calls.record.bind(calls);
  calls.record = (...kept) => (log.add(ruleGone), record(...kept));
  await expect(fetch(rpcUrl, { method: 'POST', headers: HEADERS, body: SEND })).rejects.toThrow('fetch failed');
  expect(await calls.said('aborted')).toMatchObject({ reason: 'right_withdrawn', http_status: null });
  expect([agent.observed, proxy.there.calls.types]).toEqual([[], []]);
});

const denyingSend = { direction: 'in', classes: ['send'], action: 'deny' } as const;

/** Only what comes again and again waits for the test. */
const CLOCKS = [
  ...(['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setTimeout'] as const),
  'clearTimeout' as const,
];
