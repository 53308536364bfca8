import { EdgeProcess, type Identity, type ScriptedAgent, eventually } from '../../testing/index.js';
import { archiveAgent } from '../write/archive-agent/archive-agent.decide.js';

describe('the archive of an agent', () => {
  let edge: EdgeProcess;
  let berlin: Identity;
  let agent: ScriptedAgent;
  beforeEach(async () => {
    edge = new EdgeProcess();
    berlin = edge.enroll('agent-berlin');
    await edge.start();
    agent = edge.agent(berlin);
    await agent.enter();
  });
  afterEach(() => edge.stop());

  const unarchived = (): object[] => edge.log.of('edge.agent.unarchived');
  const archive = async (): Promise<void> => {
    const { agentId } = berlin;
    await edge.log.handle(archiveAgent, { data: { agent_id: agentId as never }, actor: 'token:x' });
  };

  it('ends when the agent opens a tunnel', async () => {
    agent.vanish();
    await eventually('the tunnel ends', () => edge.log.of('edge.tunnel.disconnected').length === 1);
    await archive();
    await edge.clock.pass(30_000);
    expect(unarchived()).toEqual([]);
    agent = edge.agent(berlin);
    await agent.enter();
    await edge.clock.pass(2_000);
    expect(unarchived()).toEqual([{ agent_id: 'agent-berlin', reason: 'connected' }]);
    await edge.clock.pass(30_000);
    expect(unarchived()).toHaveLength(1);
  });

  it('of a connected agent lasts as long as its tunnel', async () => {
    await archive();
    await edge.clock.pass(30_000);
    expect(unarchived()).toEqual([]);
    const next = edge.agent(berlin);
    await next.enter();
    await edge.clock.pass(2_000);
    expect(unarchived()).toHaveLength(1);
  });

  it('ends for the next process as well', async () => {
    await archive();
    await edge.stop();
    await edge.start();
    await edge.clock.pass(2_000);
    expect(unarchived()).toEqual([]);
    await edge.agent(berlin).enter();
    await edge.clock.pass(2_000);
    expect(unarchived()).toHaveLength(1);
  });
});
