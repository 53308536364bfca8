import { type Instant, newEvent } from '@app/kernel';
import { FakeClock, NOW, later } from '@app/kernel/testing';
import { MemoryLog } from '@app/event-store/testing';
import { EdgeProcess, type Identity, type ScriptedAgent, eventually, newIdentity, token } from '../../testing/index.js';
import { AgentRevoked, type HandshakeRejected, JoinTokenIssued } from '../events/index.js';
import { CLOSE, readClose } from '../tunnel.protocol.js';
import { TIMES } from './times.js';

const TOKEN = `cbj_${'a'.repeat(43)}`;
let edge: EdgeProcess;
let berlin: Identity;
const started = async (aliases: ConstructorParameters<typeof EdgeProcess>[3] = () => []): Promise<void> => {
  edge = new EdgeProcess(new MemoryLog(), new FakeClock(), TIMES, aliases);
  edge.vault.tokens.set(TOKEN, token.join_token_id);
  berlin = edge.enroll('agent-berlin');
  await edge.start();
  edge.log.add(newEvent(JoinTokenIssued, { ...token, label: null, hostname_pattern: null, ephemeral: false, expires_at: later(30) }));
};
afterEach(() => edge.stop());

const port = (): string => new URL(edge.url).port;
const byLocalhost = (): string => `http://localhost:${port()}`;
const untilEnd = (endsAt: Instant) => (at: string) => [{ url: `http://localhost:${at}`, endsAt }];

/** A hello that says by which address it came, and is signed for that one unless told. */
const asking = async (address: string, script: Parameters<ScriptedAgent['hello']>[0] = {}): Promise<ScriptedAgent> => {
  const agent = edge.agent(berlin);
  await agent.hello({ authority: new URL(address).host, hello: { address }, ...script });
  return agent;
};
const welcomed = async (agent: ScriptedAgent): Promise<string> => (await agent.said('welcome')).type;
const refusal = async (agent: ScriptedAgent) => {
  const { code, reason } = await agent.gone();
  return { code, why: readClose(code, reason).why };
};
const rejections = async (): Promise<HandshakeRejected[]> => {
  await edge.clock.pass(1_000);
  return edge.log.measurements.filter(({ type }) => type === 'edge.handshake.rejected').map(({ data }) => data as HandshakeRejected);
};
const join = async (more: object) => {
  const body = { token: TOKEN, public_key: newIdentity('x').publicKey, hostname: 'edge-1', version: '0.1.0', os: 'linux', ...more };
  const answer = await fetch(`${edge.url}/edge/v1/join`, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe('a join', () => {
  it('by another address than that of the instance is refused before its token is used, and told which to use', async () => {
    await started();
    const { status, body } = await join({ address: `HTTP://LOCALHOST:${port()}` });
    expect([status, body]).toMatchObject([421, { code: 'edge.join-wrong-address', facts: { address: edge.url } }]);
    expect(body['detail']).toBe(
      `This instance is ${edge.url}, and was asked as ${byLocalhost()}, which is none of its addresses. The join token was not used.`,
    );
    expect(body['next']).toBe(`Join by its own address: edge-agent join --server ${edge.url}`);
    expect((await join({ address: edge.url })).status).toBe(201);
  });

  it('by an alias is let in until the alias ends, and is told so then', async () => {
    await started(untilEnd(later(1)));
    await edge.clock.pass(60_000);
    const { status, body } = await join({ address: byLocalhost() });
    expect([status, body['code'], body['detail']]).toEqual([
      421,
      'edge.join-wrong-address',
      `This instance is ${edge.url}. ${byLocalhost()} was accepted until ${later(1)}. The join token was not used.`,
    ]);
    await edge.stop();
    await started(untilEnd(later(1)));
    expect((await join({ address: byLocalhost() })).status).toBe(201);
  });

  it('of an agent of before, which does not say by which address it asks, is let in', async () => {
    await started();
    expect((await join({})).status).toBe(201);
  });
});

describe('a hello', () => {
  it('is compared by the address it says it was given, whatever Host is', async () => {
    await started((at) => [{ url: `http://old.example:${at}`, endsAt: later(1) }]);
    expect(await welcomed(await asking(`http://old.example:${port()}`))).toBe('welcome');
    expect(await welcomed(await asking(edge.url))).toBe('welcome');
  });

  it('for an address that the instance does not have is refused, and told which it has', async () => {
    await started();
    expect(await refusal(await asking(byLocalhost()))).toEqual({
      code: CLOSE.unauthorised.code,
      why: { cause: 'wrong_address', address: edge.url },
    });
    expect(await rejections()).toEqual([{ agent_id: 'agent-berlin', reason: 'address_mismatch', address: byLocalhost(), count: 1 }]);
  });

  it('for an alias that ended is refused in its own words', async () => {
    await started(untilEnd(NOW));
    expect((await refusal(await asking(byLocalhost()))).why).toEqual({ cause: 'address_ended', address: edge.url });
    expect(await rejections()).toMatchObject([{ reason: 'address_ended' }]);
  });

  it('that was relayed, its address written over, is refused: the signature is for the other one', async () => {
    await started();
    const forwarded = await asking(edge.url, { authority: 'evil.example', hello: { address: edge.url } });
    expect(await refusal(forwarded)).toEqual({ code: CLOSE.unauthorised.code, why: undefined });
    expect(await rejections()).toMatchObject([{ reason: 'signature_invalid', address: null }]);
  });

  it('of an agent of before is verified for PUBLIC_URL, then for each alias', async () => {
    await started(untilEnd(later(1)));
    const old = async (authority: string): Promise<ScriptedAgent> => {
      const agent = edge.agent(berlin);
      await agent.hello({ authority });
      return agent;
    };
    expect(await welcomed(await old(new URL(edge.url).host))).toBe('welcome');
    expect(await welcomed(await old(`localhost:${port()}`))).toBe('welcome');
    expect((await refusal(await old('evil.example'))).code).toBe(CLOSE.unauthorised.code);
  });
});

describe('rejected handshakes', () => {
  it('are counted, told at once and then once a minute, and begin anew with a tunnel', async () => {
    await started();
    for (let i = 0; i < 3; i++) await refusal(await asking(byLocalhost()));
    expect(await rejections()).toMatchObject([{ count: 3 }]);
    await refusal(await asking(byLocalhost()));
    expect(await rejections()).toHaveLength(1);
    await edge.clock.pass(60_000);
    expect(await rejections()).toMatchObject([{ count: 3 }, { count: 4 }]);
    await welcomed(await asking(edge.url));
    await edge.clock.pass(60_000);
    await refusal(await asking(byLocalhost()));
    expect((await rejections()).at(-1)).toMatchObject({ count: 1 });
  });

  it('of a revoked agent, and of one whose protocol is another, have their reason', async () => {
    await started();
    await refusal(await asking(edge.url, { hello: { proto: { min: 2, max: 9 } } }));
    expect(await rejections()).toMatchObject([{ reason: 'version_unsupported' }]);
    edge.log.add(newEvent(AgentRevoked, { agent_id: berlin.agentId as never, note: '' }));
    await edge.clock.pass(60_000);
    await refusal(await asking(edge.url));
    expect((await rejections()).at(-1)).toMatchObject({ reason: 'revoked' });
  });

  it('of nobody who joined are not told', async () => {
    await started();
    berlin = newIdentity('agent-nobody');
    await refusal(await asking(edge.url));
    expect(await rejections()).toEqual([]);
  });
});

it('tells both of two processes with one identity so, within the code that an agent of before understands', async () => {
  await started();
  const agents: ScriptedAgent[] = [];
  for (const boot of ['a', 'b', 'a', 'b']) {
    const agent = edge.agent(berlin, boot);
    agents.push(agent);
    await agent.hello();
    await eventually('answered', () => agent.closed !== undefined || agent.frames.some(({ type }) => type === 'welcome'));
    await edge.clock.pass(5_000);
  }
  const told = await Promise.all(agents.slice(-2).map(refusal));
  expect(told).toEqual([
    { code: CLOSE.too_many.code, why: { cause: 'duplicate_identity' } },
    { code: CLOSE.too_many.code, why: { cause: 'duplicate_identity' } },
  ]);
  expect((await rejections()).at(-1)).toMatchObject({ reason: 'duplicate_identity' });
});
