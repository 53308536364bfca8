import { Agent } from '../agent.js';
import type { Context } from '../context.js';
import { control } from '../control.js';
import { EXIT } from '../failure.js';

/** How long a restart takes, said before it so that nobody calls the agent down meanwhile. */
const BACK_S = 10;

/** Runs the agent until it is told to stop. A wish for a restart makes it read its state again, without leaving the process. */
export async function run({ state, version, terminal, clock, random, say }: Context): Promise<number> {
  for (const path of state.exposed()) say(`Others on this machine may read ${path}; chmod 600 it.`);
  const options = { state, version, startedAtMs: clock.now(), clock, random, say };
  let agent = new Agent(options);
  const release = await control(state.socket, () => agent.status);
  let isAgain = true;
  const restart = (): void => {
    isAgain = true;
    void agent.stop('restart', BACK_S);
  };
  const stop = (): void => void agent.stop('stop', null);
  terminal.stop.addEventListener('abort', stop);
  const forget = terminal.onRestart(restart);
  try {
    while (isAgain && !terminal.stop.aborted) {
      isAgain = false;
      await agent.run();
      if (isAgain) agent = new Agent(options);
    }
  } finally {
    terminal.stop.removeEventListener('abort', stop);
    forget();
    await release();
  }
  return EXIT.ok;
}
