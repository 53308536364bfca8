import type { RequestReply } from '@app/event-store';
import { type Endpoint, OutboundGuard } from '@app/http';
import { assertShape } from '@app/kernel';
import { RawAgent } from '../../../testing/raw-agent.js';
import { AgentCheck } from '../../routing/agent-check.view.js';
import { AgentSources } from './agent-sources.provider.js';
import { Cards } from './cards.provider.js';
import { AgentSockets } from './sockets.provider.js';
import type { AgentToCheck } from '../../routing/agent-check.rpc.js';
import { TargetGuard } from '../../outbound.provider.js';
import { AgentAnswers } from './agent-answers.provider.js';

let agent: RawAgent;
beforeEach(async () => {
  agent = await RawAgent.open();
});
afterEach(() => agent.close());

async function check(own: readonly Endpoint[] = [], header: Record<string, string> | null = {}): Promise<AgentCheck> {
  let answer: ((asked: AgentToCheck) => Promise<AgentCheck>) | undefined;
  const requestReply = { answer: (_name: string, _shape: unknown, by: typeof answer) => ((answer = by), () => undefined) };
  const guard = new TargetGuard({ allowCidrs: [], allowLoopbackHttp: true, own });
  const sockets = new AgentSockets(guard);
  const sources = new AgentSources(sockets, { headerFor: async () => header } as never, guard, { publicUrl: 'https://butler.example' });
  new AgentAnswers(requestReply as unknown as RequestReply, sources, new Cards()).onApplicationBootstrap();
  const asked = { agent: 'planner', rule_id: 'rule-1', target_url: agent.url, credential: null };
  const checked = await answer!(asked);
  sockets.onApplicationShutdown();
  assertShape(AgentCheck, checked);
  return checked;
}

it('lists the interfaces of the card, and names those that cannot be used and why', async () => {
  const rpc = (url: string, protocolBinding = 'JSONRPC') => ({ url, protocolBinding, protocolVersion: '1.0' });
  agent.card = (url) => ({ supportedInterfaces: [rpc(`${url}rpc`), rpc('http://127.0.0.1:1/'), rpc('agents.example:443', 'GRPC')] });
  expect(await check()).toEqual({
    ok: true,
    reason: null,
    sentence: 'The card was read, and 1 of the 3 interfaces that it names can be used.',
    interfaces: [
      { url: `${agent.url}rpc`, binding: 'JSONRPC', protocol_version: '1.0', usable: true, because: null },
      expect.objectContaining({ url: 'http://127.0.0.1:1/', usable: false, because: 'it is not where the routing rule leads' }),
      expect.objectContaining({ binding: 'GRPC', usable: false, because: expect.stringContaining('binding') }),
    ],
  });
});

it('names the interfaces of a card of which none can be used', async () => {
  agent.card = () => ({ supportedInterfaces: [{ url: 'http://169.254.169.254/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }] });
  expect(await check()).toMatchObject({ ok: false, reason: 'federation.card-refused', interfaces: [{ usable: false }] });
});

it('asks with the credential of the rule, and says when the agent does not take it', async () => {
  agent.cardAnswer = ({ headers }, response) =>
    headers.authorization === 'Bearer x' ? response.end(JSON.stringify(agent.card(agent.url))) : response.writeHead(401).end();
  expect(await check([], { authorization: 'Bearer x' })).toMatchObject({ ok: true });
  expect(await check()).toMatchObject({ ok: false, reason: 'federation.agent-refused' });
  expect(await check([], null)).toMatchObject({ ok: false, reason: 'federation.credential-unavailable' });
});

it('says when nothing answers', async () => {
  agent.die();
  expect(await check()).toMatchObject({ ok: false, reason: 'federation.unreachable', interfaces: [] });
  agent = await RawAgent.open();
});

it('makes no connection to a listener or a server of this instance', async () => {
  expect(await check([{ host: '127.0.0.1', port: Number(new URL(agent.url).port) }])).toMatchObject({
    ok: false,
    reason: 'federation.unreachable',
  });
  expect(agent.connections).toBe(0);
});

it('makes none either when a name leads there at the time of the connection', async () => {
  const port = Number(new URL(agent.url).port);
  const resolve = ((_name: string, _options: unknown, done: (error: null, found: object[]) => void) =>
    done(null, [{ address: '127.0.0.1', family: 4 }])) as never;
  const own = [{ host: '127.0.0.1', port }];
  const reach = (guard: OutboundGuard): Promise<string> =>
    new Promise((settled) => {
      const sockets = new AgentSockets(guard as TargetGuard);
      const request = sockets.request(new URL(`http://agent.localhost:${port}/`), { method: 'GET' });
      request.on('response', (answer) => (answer.resume(), settled('reached'), sockets.onApplicationShutdown()));
      request.on('error', ({ message }) => settled(message));
      request.end();
    });
  const rules = { allowCidrs: [], allowLoopbackHttp: true };
  expect(await reach(new OutboundGuard(rules, resolve))).toBe('reached');
  expect(await reach(new OutboundGuard({ ...rules, own }, resolve))).toMatch(/may not reach/);
});
