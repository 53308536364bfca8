import type { Api } from '../api.js';
import type { CallBinding } from '../contract.js';
import { plain } from '../view/plain.js';
import type { Binds } from './bind.js';
import { findPeer } from './peers.js';

/** As the API takes them: a peer by its id, whatever it was called. */
export const bindingsOf = (api: Api, binds: Binds): Promise<CallBinding[]> =>
  Promise.all(
    binds.map(async ([peer, agent, method_class]) => ({
      peer_id: peer === '*' ? null : (await findPeer(api, peer)).data.peer_id,
      agent: agent === '*' ? null : agent,
      method_class: method_class === '*' ? null : (method_class as CallBinding['method_class']),
    })),
  );

/** As `--bind` takes it. */
export const bindText = ({ peer_id, agent, method_class }: CallBinding): string =>
  plain([peer_id ?? '*', agent ?? '*', method_class ?? '*'].join('/').replace(/(\/\*)+$/, ''));
