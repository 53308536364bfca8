import { BOUND_TOKEN, type TestProxy, openProxy } from '../../../testing/proxy-instance.js';
import { RawAgent } from '../../../testing/raw-agent.js';
import { PeerSuspended, type PeerId } from '../../peers/events/index.js';
import { newEvent } from '@app/kernel';
import type { CallBinding } from './call-bindings.js';

let proxy: TestProxy;
let agent: RawAgent;
let rpcUrl = '';

const ANY: CallBinding = { peer_id: null, agent: null, method_class: null };
const THERE = 'peer-inst-there' as PeerId;
const headers = { authorization: BOUND_TOKEN, 'content-type': 'application/json', 'a2a-version': '1.0' };
const rpc = (method: string, params: object = {}): string => JSON.stringify({ jsonrpc: '2.0', id: 7, method, params });
const GET_TASK = rpc('GetTask', { id: 't-1' });
const SEND = rpc('SendMessage', { message: { messageId: 'm' } });
const call = (body: string, url = rpcUrl): Promise<Response> => fetch(url, { method: 'POST', headers, body });
const card = (from = proxy.forwarded()): Promise<Response> => fetch(`${from}.well-known/agent-card.json`, { headers });
const bind = (...bindings: Partial<CallBinding>[]): void =>
  void proxy.here.bindings.splice(0, Infinity, ...bindings.map((one) => ({ ...ANY, ...one })));

beforeAll(async () => {
  agent = await RawAgent.open();
  proxy = await openProxy(agent.url);
});
afterAll(() => Promise.all([proxy.close(), agent.close()]));
beforeEach(async () => {
  bind({});
  const found = (await (await card()).json()) as { supportedInterfaces: { url: string }[] };
  rpcUrl = found.supportedInterfaces[0]?.url ?? '';
  for (const { calls } of [proxy.here, proxy.there]) calls.turnPage();
  agent.observed.length = 0;
});

describe('lets a caller through', () => {
  it.each<[string, Partial<CallBinding>[], string]>([
    ['whose binding names everything', [{ peer_id: THERE, agent: 'travel', method_class: 'send' }], SEND],
    ['that is bound to the peer', [{ peer_id: THERE }], SEND],
    ['that is bound to the agent', [{ agent: 'travel' }], SEND],
    ['that is bound to the class', [{ method_class: 'read' }], GET_TASK],
    ['of which the second binding covers it', [{ agent: 'other' }, { agent: 'travel' }], SEND],
  ])('%s', async (_what, bindings, body) => {
    bind(...bindings);
    expect([(await card()).status, (await call(body)).status]).toEqual([200, 200]);
    expect(agent.observed).toHaveLength(1);
  });

  it('for a batch of which each call is covered, by whichever binding', async () => {
    bind({ method_class: 'read' }, { method_class: 'send', agent: 'travel' });
    await call(`[${GET_TASK},${SEND}]`);
    expect(agent.observed).toHaveLength(1);
  });
});

describe('denies a caller', () => {
  it.each<[string, Partial<CallBinding>[], string]>([
    ['that is bound to nothing', [], GET_TASK],
    ['that is bound to another peer', [{ peer_id: 'peer-x' }], SEND],
    ['that is bound to another agent', [{ agent: 'other' }], SEND],
    ['that is bound to another class', [{ method_class: 'read' }], SEND],
    [
      'of which no single binding covers it',
      [
        { peer_id: 'peer-x', agent: 'travel' },
        { peer_id: THERE, agent: 'other' },
      ],
      SEND,
    ],
    ['whose batch holds a call that is not covered', [{ method_class: 'read' }], `[${GET_TASK},${SEND}]`],
    ['whose message sets push notifications, which is admin', [{ method_class: 'send' }], withPush()],
  ])('%s, and puts it on record', async (_what, bindings, body) => {
    bind(...bindings);
    const answer = await call(body);
    const text = await answer.text();
    expect([answer.status, text]).toEqual([403, expect.stringContaining('federation.not-bound')]);
    expect(await proxy.here.calls.said('denied')).toMatchObject({ reason: 'caller_not_bound', caller: 'opaque-3', agent: 'travel' });
    expect([agent.observed, proxy.there.calls.types]).toEqual([[], []]);
  });

  it.each<[string, Partial<CallBinding>[]]>([
    ['bound to nothing', []],
    ['bound to another agent', [{ agent: 'other' }]],
    ['bound to another peer', [{ peer_id: 'peer-x' }]],
  ])('the card when it is %s', async (_what, bindings) => {
    bind(...bindings);
    const answer = await card();
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('federation.not-bound')]);
    expect(await proxy.here.calls.said('denied')).toMatchObject({ reason: 'caller_not_bound', method: 'GetAgentCard' });
  });

  it('the same whether there is such a peer, and whether it is suspended', async () => {
    bind({ agent: 'other' });
    proxy.here.befriend({ id: 'inst-paused', url: proxy.there.url }, 'x'.repeat(32));
    const paused = { ...PeerSuspended.example, peer_id: 'peer-inst-paused' as PeerId, note: '', until: null };
    proxy.here.log.add(newEvent(PeerSuspended, paused));
    for (const peer of [THERE, 'peer-inst-paused', 'peer-none']) {
      const base = `${proxy.here.url}/a2a/peers/${peer}/agents/travel/`;
      const answers = [await card(base), await call(SEND, `${base}i/abcdef012345`)];
      for (const answer of answers) expect([peer, answer.status]).toEqual([peer, 403]);
    }
  });
});

function withPush(): string {
  const configuration = { taskPushNotificationConfig: { url: 'http://127.0.0.1:9/' } };
  return rpc('SendMessage', { message: { messageId: 'm' }, configuration });
}
