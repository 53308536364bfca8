import type { Context } from '../context.js';
import { ask } from '../control.js';
import { EXIT, Failure } from '../failure.js';
import { readSecret } from '../secret.js';

interface GatewayTokenOptions {
  gateway?: string;
  tokenFile?: string;
}

/** Gives the agent a gateway's token, which it keeps and shows to nobody but that gateway; an agent that runs uses it at once. */
export async function gatewayToken({ state, terminal, say }: Context, { gateway, tokenFile }: GatewayTokenOptions): Promise<number> {
  const { gateways } = state.identity();
  const names = gateways.map(({ name }) => name);
  const name = gateway ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined || !names.includes(name))
    throw new Failure(
      'agent.usage',
      name === undefined ? 'It is not said which gateway is meant' : `This agent watches no gateway ${name}`,
      names.length === 0 ? 'join again, with --gateway' : `name one by --gateway: ${names.join(', ')}`,
    );
  const token = await readSecret(terminal, 'token of the gateway', tokenFile);
  state.keepTokens({ ...state.tokens(), [name]: token });
  say(`The token of ${name} is kept.`);
  if ((await ask(state.place, 'restart')) !== null) say('The agent starts again with it.');
  return EXIT.ok;
}
