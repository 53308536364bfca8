import { EdgeProcess } from '../../testing/edge-process.js';
import { eventually } from '../../testing/eventually.js';
import type { ScriptedAgent } from '../../testing/scripted-agent.js';
import { TIMES } from './times.js';

/** Sockets that have not said `hello`, at most. */
const MAX_STRANGERS = 1_000;

let edge: EdgeProcess;
let agents: ScriptedAgent[];
beforeEach(async () => {
  agents = [];
  edge = new EdgeProcess(undefined, undefined, { ...TIMES, handshakesPerSecond: 100_000 });
});
afterEach(async () => {
  for (const { socket } of agents) socket.terminate();
  await edge.stop();
});

it('takes a thousand sockets that have not said who they are, and the next when one of them has left or said so', async () => {
  const identity = edge.enroll('agent-berlin');
  await edge.start();
  const knock = (): ScriptedAgent => {
    const agent = edge.agent(identity);
    agents.push(agent);
    return agent;
  };
  for (let n = 0; n < MAX_STRANGERS; n += 100) {
    const some = Array.from({ length: 100 }, knock);
    await Promise.all(some.map((agent) => agent.said('challenge')));
  }
  const refused = async (): Promise<unknown> => {
    const agent = knock();
    await eventually('it is answered', () => agent.refused !== undefined || agent.frames.length > 0);
    return agent.refused;
  };
  expect(await refused()).toEqual({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });

  agents[0]?.socket.terminate();
  await eventually('there is room', () => edge.hall.hasRoom);
  expect(await refused()).toBeUndefined();
  expect(await refused()).toMatchObject({ status: 503 });

  await agents[1]?.enter();
  await eventually('there is room', () => edge.hall.hasRoom);
  expect(await refused()).toBeUndefined();
}, 60_000);
