import { randomUUID } from 'node:crypto';
import { addressOf } from '../address.js';
import type { Context } from '../context.js';
import { ask } from '../control.js';
import { EXIT, Failure } from '../failure.js';
import { introduction } from '../introduction.js';
import type { Identity } from '../state.js';
import { type Ending, Tunnel, nextStep } from '../tunnel.js';

/**
 * Moves the agent to another address of its server. The new one is tried first, by a tunnel that proves that the same server is there and
 * accepts the address; when it does not, nothing changes.
 */
export async function server({ state, say, version, clock }: Context, url: string): Promise<number> {
  const identity = state.identity();
  const address = addressOf(url, 'The address');
  const moved: Identity = { ...identity, server: address };
  const key = state.key();
  const hello = () => introduction(moved, { bootId: randomUUID(), version, startedAtMs: clock.now() }, 0);
  const ending = await new Promise<Ending | null>((resolve) => {
    const tunnel = new Tunnel({ server: address, key, hello }, clock, {
      welcomed: () => {
        void tunnel.goodbye('restart', BACK_S);
        resolve(null);
      },
      heard: () => undefined,
      unsent: () => undefined,
      ended: resolve,
    });
  });
  if (ending !== null)
    throw new Failure(
      ending.reason === null ? 'agent.unreachable' : 'agent.server-refused',
      `The agent stays with ${identity.server}, since ${address} does not take it: ${ending.sentence}`,
      nextStep(ending) ?? 'see that this is an address of the server that the agent joined, and that it can be reached from here',
    );
  state.join(moved);
  say(`The agent ${identity.agent_id} asks ${address} from now on.`);
  if ((await ask(state.place, 'restart')) !== null) say('The agent starts again with it.');
  return EXIT.ok;
}

/** The agent that runs is back by then, in seconds. */
const BACK_S = 10;
