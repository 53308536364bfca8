import { randomUUID } from 'node:crypto';
import { ClientFactory, ClientFactoryOptions, DefaultAgentCardResolver, JsonRpcTransportFactory } from '@a2a-js/sdk/client';

const EVERY_MS = 2_000;
const ROLE_USER = 1;

/**
 * Calls from each instance to the agent behind the other, every two seconds until it ends: a blocking one, a streaming one, and now and
 * then one that no rule allows. Made by the official client, which knows nothing of us but a URL and a token.
 */
export function startTraffic({ lisbon, porto, peers }) {
  const counts = { sent: 0, answered: 0, denied: 0, failed: 0 };
  const routes = [
    { from: lisbon, peer: peers.porto, agent: 'planner' },
    { from: porto, peer: peers.lisbon, agent: 'clerk' },
  ];
  const abort = new AbortController();
  let turn = 0;
  let running = Promise.resolve();
  const next = () => {
    const route = routes[turn % routes.length];
    const kind = turn % 10 === 9 ? 'denied' : turn % 3 === 2 ? 'streaming' : 'blocking';
    turn++;
    running = call(route, kind, counts, abort.signal).catch(() => undefined);
  };
  const timer = setInterval(next, EVERY_MS);
  return {
    counts,
    end: async () => {
      clearInterval(timer);
      abort.abort();
      await running;
    },
  };
}

/** An SDK client for an agent at a peer of an instance. */
export async function clientFor({ from, peer, agent }) {
  const fetchImpl = (url, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${from.token}`);
    return fetch(url, { ...init, headers });
  };
  const factory = new ClientFactory(
    ClientFactoryOptions.createFrom(ClientFactoryOptions.default, {
      transports: [new JsonRpcTransportFactory({ fetchImpl })],
      cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
    }),
  );
  return factory.createFromUrl(`${from.publicUrl}/a2a/peers/${peer}/agents/${agent}/`);
}

export const message = (text) => ({
  tenant: '',
  message: {
    messageId: randomUUID(),
    contextId: '',
    taskId: '',
    role: ROLE_USER,
    parts: [part(text)],
    extensions: [],
    referenceTaskIds: [],
  },
});
const part = (text) => ({ content: { $case: 'text', value: text }, filename: '', mediaType: 'text/plain' });

async function call(route, kind, counts, signal) {
  counts.sent++;
  try {
    if (kind === 'denied') return await administer(route, counts, signal);
    const client = await clientFor(route);
    if (kind === 'blocking') await client.sendMessage(message('echo'), { signal });
    else for await (const _ of client.sendMessageStream(message('task'), { signal }));
    counts.answered++;
  } catch (error) {
    if (signal.aborted) return;
    counts.failed++;
    console.error(`A call to ${route.agent} failed: ${error.message}`);
  }
}

/** Has an agent report to somebody else's URL, which no rule lets anybody do. */
async function administer({ from, peer, agent }, counts, signal) {
  const base = `${from.publicUrl}/a2a/peers/${peer}/agents/${agent}/`;
  const headers = { authorization: `Bearer ${from.token}`, 'a2a-version': '1.0', 'content-type': 'application/json' };
  const card = await (await fetch(`${base}.well-known/agent-card.json`, { headers, signal })).json();
  const params = { taskId: 'task-1', url: 'https://elsewhere.example/' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'CreateTaskPushNotificationConfig', params });
  const answer = await fetch(card.supportedInterfaces[0].url, { method: 'POST', headers, body, signal });
  await answer.text();
  if (answer.status === 403) counts.denied++;
  else throw new Error(`what no rule allows was answered with ${answer.status}`);
}
