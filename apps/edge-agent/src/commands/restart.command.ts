import type { Context } from '../context.js';
import { ask } from '../control.js';
import { EXIT, Failure } from '../failure.js';

/** Has the agent that runs read its state again. The server is told before, and does not call it down. */
export async function restart({ state, say }: Context): Promise<number> {
  const running = await ask(state.place, 'restart');
  if (running === null)
    throw new Failure('agent.not-running', `No agent of ${state.path} runs`, `run it: edge-agent run --state ${state.path}`);
  say(`The agent ${running.agent_id} starts again.`);
  return EXIT.ok;
}
