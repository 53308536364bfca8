import type { Context } from '../context.js';
import { ask } from '../control.js';
import { EXIT, Failure } from '../failure.js';

/** Pins the key that the server shows to the agent that runs, in place of the one that is pinned. The fingerprint is that of its operator. */
export async function pin({ state, say, clock }: Context, fingerprint: string): Promise<number> {
  const { agent_id, server } = state.identity();
  const running = await ask(state.place, 'status');
  if (running === null)
    throw new Failure(
      'agent.not-running',
      `The agent ${agent_id} of ${server} does not run, and so sees no key of its server`,
      `run it: edge-agent run --state ${state.path}`,
    );
  const { shown, public_key } = running.server_key ?? { shown: null, public_key: null };
  if (shown === null || public_key === null)
    throw new Failure(
      'agent.key-not-shown',
      `${server} has shown no instance key to this agent`,
      'see that the agent is connected, and that the server is of a release with instance keys: edge-agent status',
    );
  if (shown !== fingerprint)
    throw new Failure(
      'agent.key-differs',
      `${server} shows the instance key ${shown}, not ${fingerprint}`,
      'ask the operator of the server for the fingerprint that ap infrastructure doctor shows there, and pin only that',
    );
  state.pinKey({ public_key, pinned_at: new Date(clock.now()).toISOString() });
  say(`The agent ${agent_id} knows its server by the key ${fingerprint} from now on.`);
  return EXIT.ok;
}
