import { Agent } from '../agent.js';
import type { Context } from '../context.js';
import { Place } from '../control.js';
import { EXIT } from '../failure.js';

/** How long a restart takes, said before it so that nobody calls the agent down meanwhile. */
const BACK_S = 10;

/** Runs the agent until it is told to stop. */
export async function run(context: Context): Promise<number> {
  context.state.identity(); // Without one there may be no directory to take a place in.
  const place = await Place.take(context.state.place);
  try {
    return await runIn(place, context);
  } finally {
    await place.release();
  }
}

/** As `run`, in a place that is held. A wish for a restart makes the agent read its state again, without leaving the process. */
export async function runIn(place: Place, { state, version, terminal, clock, random, say }: Context): Promise<number> {
  for (const path of state.exposed()) say(`Others on this machine may read ${path}; chmod 600 it.`);
  const options = { state, version, startedAtMs: clock.now(), clock, random, say };
  let agent = new Agent(options);
  let [isAgain, isOver] = [true, terminal.stop.aborted];
  const restart = (): void => {
    isAgain = true;
    void agent.stop('restart', BACK_S);
  };
  const stop = (): void => {
    isOver = true;
    void agent.stop('stop', null);
  };
  place.answer = (wish) => {
    const { status } = agent;
    if (wish === 'restart') restart();
    if (wish === 'stop') stop();
    return status;
  };
  terminal.stop.addEventListener('abort', stop);
  const forget = terminal.onRestart(restart);
  try {
    while (isAgain && !isOver) {
      isAgain = false;
      await agent.run();
      if (isAgain) agent = new Agent(options);
    }
  } finally {
    terminal.stop.removeEventListener('abort', stop);
    forget();
  }
  return EXIT.ok;
}
