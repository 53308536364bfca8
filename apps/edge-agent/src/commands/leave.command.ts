import { type KeyObject, randomUUID } from 'node:crypto';
import type { Context } from '../context.js';
import { Place, ask } from '../control.js';
import { EXIT, Failure, messageOf } from '../failure.js';
import { introduction } from '../introduction.js';
import { Tunnel } from '../tunnel.js';

const ASK_AGAIN_MS = 100;
const STOP_MS = 10_000;

/** Stops the agent, says goodbye for good where the server can be reached, and removes its key and all else it kept. */
export async function leave(context: Context): Promise<number> {
  const { state, say } = context;
  const { agent_id, server } = state.identity();
  const place = await placeOf(context);
  let isTold = false;
  try {
    const key = keyOf(context);
    isTold = key !== null && (await goodbye(key, context));
    state.remove();
  } finally {
    await place.release();
  }
  say(`Left ${server}; the key of ${agent_id} is gone from ${state.path}.`);
  if (!isTold) say('The server could not be told.');
  say(`next: revoke it there, so that no copy of the key is good for anything: ap infrastructure edge revoke ${agent_id}`);
  return EXIT.ok;
}

/** The place of the process that runs this agent, if there is one, when it has ended. */
async function placeOf({ state, clock }: Context): Promise<Place> {
  const untilMs = clock.monotonic() + STOP_MS;
  await ask(state.place, 'stop');
  for (;;) {
    try {
      return await Place.take(state.place);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'agent.runs-already' || clock.monotonic() > untilMs) throw error;
    }
    await new Promise<void>((passed) => void clock.after(ASK_AGAIN_MS, passed));
  }
}

/** null: it is lost, and with it the proof to the server that it is this agent which leaves. */
function keyOf({ state, say }: Context): KeyObject | null {
  try {
    return state.key();
  } catch (error) {
    say(`${messageOf(error)}.`);
    return null;
  }
}

/** Whether the server heard it. */
function goodbye(key: KeyObject, { state, version, clock }: Context): Promise<boolean> {
  const identity = state.identity();
  const hello = () => introduction(identity, { bootId: randomUUID(), version, startedAtMs: clock.now() }, 0);
  let isTold = false;
  return new Promise((resolve) => {
    const tunnel = new Tunnel({ server: identity.server, key, hello }, clock, {
      welcomed: () => {
        isTold = true;
        void tunnel.goodbye('leave', null);
      },
      heard: () => undefined,
      unsent: () => undefined,
      ended: () => resolve(isTold),
    });
  });
}
