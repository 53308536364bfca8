import { EdgeProcess, type Identity, eventually } from '../../testing/index.js';
import type { TunnelDisconnected } from '../events/index.js';

/** Who goes while something is under way: an agent while its tunnel is opened, this side while an agent does not answer. */
let edge: EdgeProcess;
let berlin: Identity;
beforeEach(async () => {
  edge = new EdgeProcess();
  berlin = edge.enroll('agent-berlin');
  await edge.start();
});
afterEach(() => edge.stop());

const ends = (): TunnelDisconnected[] => edge.log.of('edge.tunnel.disconnected');
/** What came before this was heard: an answer takes longer than the end of a socket. */
const heardByNow = async (): Promise<void> => {
  const other = edge.agent(berlin);
  await other.said('challenge');
  other.vanish();
};
/** Every command waits until it is let go, one after the other. */
const holdLog = (): { readonly waiting: (() => void)[]; next(): Promise<void> } => {
  const waiting: (() => void)[] = [];
  edge.log.before = () => new Promise<void>((resolve) => waiting.push(resolve));
  const next = async (): Promise<void> => {
    await eventually('a command waits', () => waiting.length > 0);
    waiting.shift()?.();
  };
  return { waiting, next };
};

describe('an agent that goes while the log is asked to open its tunnel', () => {
  it('is held no more, and red like any other', async () => {
    await edge.clock.pass(1_000);
    const log = holdLog();
    const agent = edge.agent(berlin);
    await agent.hello();
    await eventually('the log is asked', () => log.waiting.length === 1);
    agent.vanish();
    await heardByNow();
    edge.log.before = () => undefined;
    await log.next();
    await eventually('its end is known', () => ends().length === 1);
    expect(ends()).toMatchObject([{ agent_id: 'agent-berlin', epoch: 1, reason: 'connection_lost', close_code: null, connected_ms: 0 }]);
    expect(await edge.hall.ping('agent-berlin')).toMatchObject({ ok: false, sentence: 'The agent is not connected.' });
    await edge.clock.pass(2_000);
    expect(edge.course('agent-berlin').at(-1)).toBe('reconnecting');
    await edge.clock.pass(20_000);
    expect(edge.course('agent-berlin').at(-1)).toBe('disconnected');
  });

  it('is known to have gone as it did', async () => {
    await edge.clock.pass(1_000);
    const log = holdLog();
    const agent = edge.agent(berlin);
    await agent.hello();
    await eventually('the log is asked', () => log.waiting.length === 1);
    agent.report(); // Before the welcome.
    expect((await agent.gone()).code).toBe(4400);
    await heardByNow();
    edge.log.before = () => undefined;
    await log.next();
    await eventually('its end is known', () => ends().length === 1);
    expect(ends()).toMatchObject([{ reason: 'malformed', close_code: 4400 }]);
  });
});
