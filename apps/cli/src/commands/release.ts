import type { Api } from '../api.js';
import type { Accepted, EdgeAgent, Peer, Route, TokenEntry } from '../contract.js';
import type { Context } from '../context.js';
import { failure } from '../failure.js';
import { MAX_ROWS } from '../grammar.js';
import { details, table } from '../view/table.js';
import { live } from './read-back.js';

/** Things of one kind that an accept of the log holds. */
interface Held<T> {
  readonly path: string;
  readonly command: string;
  readonly many: string;
  readonly idOf: (item: T) => string;
  /** What it is called, for whoever decides on it. */
  readonly nameOf: (item: T) => string;
  readonly isHeld: (item: T) => boolean;
  /** Of these all come at once. */
  readonly isWhole?: true;
}

const PEERS: Held<Peer> = {
  ...{ path: '/peers', command: 'ap infrastructure peers release', many: 'peers' },
  idOf: ({ peer_id }) => peer_id,
  nameOf: ({ label, url }) => `${label} ${url}`,
  isHeld: ({ held_at }) => held_at !== null,
};
const AGENTS: Held<EdgeAgent> = {
  ...{ path: '/edge-agents', command: 'ap infrastructure edge release', many: 'edge agents' },
  idOf: ({ agent_id }) => agent_id,
  nameOf: ({ label }) => label,
  isHeld: ({ held_at }) => held_at !== null,
};
const ROUTES: Held<Route> = {
  ...{ path: '/routes', command: 'ap infrastructure routes release', many: 'routing rules', isWhole: true },
  idOf: ({ rule_id }) => rule_id,
  nameOf: ({ direction, action, agent, peer_id }) => `${direction} ${action}, agent ${agent ?? 'any'}, peer ${peer_id ?? 'any'}`,
  isHeld: ({ held }) => held,
};
const TOKENS: Held<TokenEntry> = {
  ...{ path: '/tokens', command: 'ap auth token release', many: 'service tokens' },
  idOf: ({ token_id }) => token_id,
  nameOf: ({ name, role }) => `${name} (${role})`,
  isHeld: ({ held_at, revoked_at }) => held_at !== null && revoked_at === null,
};

export interface ReleaseOptions {
  all?: boolean;
  confirm?: string;
}

/**
 * Gives back what was held when the log was accepted: one by its id; all of them only after the list was shown, whose length is the word that
 * `--all` needs. Without either the list is shown.
 */
function releasing<T>(held: Held<T>): (context: Context, options: ReleaseOptions, id?: string) => Promise<void> {
  return async (context, { all = false, confirm }, id) => {
    const api = await context.api();
    if (id !== undefined) return release(context, api, held, [id]);
    const items = await heldOnes(api, held);
    if (!all) return show(context, held, items);
    if (confirm !== String(items.length))
      throw failure(
        'cli.not-confirmed',
        `Releasing all ${held.many} needs your word`,
        `look at them first: ${held.command}; then: ${held.command} --all --confirm=${items.length}`,
      );
    await release(context, api, held, items.map(held.idOf));
  };
}

async function heldOnes<T>(api: Api, { path, isHeld, isWhole }: Held<T>): Promise<T[]> {
  const { data } = isWhole ? await api.all<T>(path, {}) : await api.list<T>(path, {}, MAX_ROWS);
  return data.filter(isHeld);
}

async function release<T>(context: Context, api: Api, { path }: Held<T>, ids: readonly string[]): Promise<void> {
  const released: { id: string; position: string }[] = [];
  for (const id of ids) {
    const { position } = await api.command<Accepted>('POST', `${path}/${encodeURIComponent(id)}/release`, {});
    released.push({ id, position });
  }
  context.output.data('ap.released/v1', live(released), (canvas) =>
    details(
      released.map(({ id }) => ['released', id] as const),
      canvas,
    ),
  );
}

function show<T>({ output }: Context, { command, many, idOf, nameOf }: Held<T>, items: readonly T[]): void {
  const data = items.map((item) => ({ id: idOf(item), name: nameOf(item) }));
  output.data('ap.held/v1', live(data), (canvas) =>
    data.length === 0
      ? []
      : table(
          [{ head: 'ID' }, { head: 'WHAT', least: 12 }],
          data.map(({ id, name }) => [id, name]),
          canvas,
        ),
  );
  output.hint(
    data.length === 0 ? `No ${many} are held.` : `release one: ${command} <id>; all of these: ${command} --all --confirm=${data.length}`,
  );
}

export const releasePeer = releasing(PEERS);
export const releaseAgent = releasing(AGENTS);
export const releaseRoute = releasing(ROUTES);
export const releaseToken = releasing(TOKENS);
