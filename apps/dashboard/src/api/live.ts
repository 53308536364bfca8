import { type QueryClient, notifyManager } from '@tanstack/react-query';
import type { Answer, Component, EdgeAgent, Hello, LiveSection, Overview, Patch, Peer, Reset } from '../contract.js';
import { reconnectDelayMs } from '../logic/backoff.js';
import { Coalescer } from '../logic/coalesce.js';
import { isArchived, patched } from '../logic/patches.js';
import { parseShown } from '../logic/shown.js';
import { EventReader, type ServerEvent } from '../logic/sse.js';
import { feed } from './feed.js';
import { API, wire } from './http.js';
import { KEYS, LIVE_KEYS, patchLog } from './queries.js';

/** Four renders a second are as live as an eye can follow. */
const RENDER_MS = 250;
/** Events and calls are asked for, not pushed: so often at most, while the rows say that something happened. */
const HISTORY_MS = 2_000;

type News = { patch: Patch } | { verdict: Overview };

/**
 * Keeps the query cache as the server's stream says. A connection that ends, or falls silent, is replaced after a jittered
 * pause and resumes where the last one ended; where the server cannot tell what was missed, the lists are asked for again.
 * Returns what ends it.
 */
export function goLive(client: QueryClient): () => void {
  const over = new AbortController();
  const history = new Coalescer<'events' | 'calls'>(
    HISTORY_MS,
    (key) => key,
    (keys) => keys.forEach((key) => void client.invalidateQueries({ queryKey: KEYS[key] })),
  );
  const news = new Coalescer<News>(RENDER_MS, keyOf, (items) => {
    apply(client, items);
    history.push('events');
    if (items.some((item) => 'patch' in item && item.patch.section === 'federation')) history.push('calls');
  });
  feed.start();
  const unwatch = feed.onState(() => feed.freshness() === 'live' || askAgain(client));
  void keepConnected(client, news, over.signal);
  return () => {
    over.abort();
    unwatch();
    feed.stop();
  };
}

const keyOf = (item: News): string => ('patch' in item ? `${item.patch.section} ${item.patch.id}` : 'verdict');

/** Everything the stream keeps, or one section and what counts it. */
export const askAgain = (client: QueryClient, section?: LiveSection): void => {
  const keys = section === undefined ? LIVE_KEYS : [KEYS.overview, KEYS[section], ...(section === 'edge' ? [KEYS.archived] : [])];
  for (const queryKey of keys) void askedAnew(client, queryKey);
};

/** An answer under way may be older than what made us ask: without the cancelling, a first question would not be repeated. */
async function askedAnew(client: QueryClient, queryKey: readonly string[]): Promise<void> {
  await client.cancelQueries({ queryKey });
  await client.invalidateQueries({ queryKey });
}

async function keepConnected(client: QueryClient, news: Coalescer<News>, over: AbortSignal): Promise<void> {
  const position = { last: null as string | null };
  let attempt = 0;
  while (!over.aborted) {
    try {
      await follow(client, news, position, over, () => (attempt = 0));
    } catch {
      // Whatever ended it, the answer is the same: another connection.
    }
    feed.closed();
    if (!over.aborted) await pause(reconnectDelayMs(attempt++, Math.random()), over);
  }
}

/** One connection, from its request to its end. */
async function follow(
  client: QueryClient,
  news: Coalescer<News>,
  position: { last: string | null },
  over: AbortSignal,
  greeted: () => void,
): Promise<void> {
  const connection = new AbortController();
  const end = (): void => connection.abort();
  over.addEventListener('abort', end);
  const unwatch = feed.onTick(() => feed.halfOpen && end());
  try {
    const response = await fetch(`${API}/stream?sections=federation,edge,services`, {
      headers: { accept: 'text/event-stream', ...(position.last === null ? {} : { 'last-event-id': position.last }) },
      signal: connection.signal,
      cache: 'no-store',
    });
    if (response.status === 401) wire.loginNeeded();
    if (!response.ok || response.body === null) return;
    feed.opened();
    const resumed = position.last !== null;
    const reader = new EventReader();
    for await (const chunk of textOf(response.body)) {
      feed.word();
      for (const event of reader.push(chunk)) {
        if (event.event === 'hello') {
          greeted();
          position.last ??= parseShown<Hello>(event.data).position;
        }
        heard(client, news, event, resumed);
      }
      position.last = reader.lastEventId ?? position.last;
    }
  } finally {
    over.removeEventListener('abort', end);
    unwatch();
    end();
  }
}

async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield decoder.decode(value, { stream: true });
  }
}

function heard(client: QueryClient, news: Coalescer<News>, { event, data }: ServerEvent, resumed: boolean): void {
  if (event === 'hello') {
    feed.clock.set(parseShown<Hello>(data).server_time);
    if (!resumed) askAgain(client);
  } else if (event === 'reset') {
    const { section } = parseShown<Reset>(data);
    news.drop((item) => section === undefined || ('patch' in item && item.patch.section === section));
    askAgain(client, section);
  } else if (event === 'verdict') {
    news.push({ verdict: parseShown<Overview>(data) });
  } else if (event === 'patch') {
    const patch = parseShown<Patch>(data);
    patchLog.heard([patch]);
    news.push({ patch });
  }
}

function apply(client: QueryClient, items: readonly News[]): void {
  const patches = items.flatMap((item) => ('patch' in item ? [item.patch] : []));
  const verdict = items.flatMap((item) => ('verdict' in item ? [item.verdict] : [])).at(-1);
  notifyManager.batch(() => {
    client.setQueryData<Answer<Peer[]>>(KEYS.federation, (answer) => answer && patched(answer, 'federation', patches));
    client.setQueryData<Answer<EdgeAgent[]>>(KEYS.edge, (answer) => answer && patched(answer, 'edge', patches));
    client.setQueryData<Answer<EdgeAgent[]>>(KEYS.archived, (answer) => answer && patched(answer, 'edge', patches, isArchived));
    for (const { section, id, data } of patches)
      if (section === 'edge')
        client.setQueryData([...KEYS.archived, id], (known?: object | null) => (known === undefined ? undefined : data));
    client.setQueryData<Answer<Component[]>>(KEYS.services, (answer) => answer && patched(answer, 'services', patches));
    if (verdict === undefined) return;
    feed.clock.set(verdict.server_time);
    client.setQueryData<Answer<Overview>>(KEYS.overview, (answer) => ({
      position: '',
      lag_ms: null,
      warnings: [],
      ...answer,
      as_of: verdict.server_time,
      data: verdict,
    }));
  });
}

/** Shorter when the reason to wait is gone: the network is back, or somebody looks at the page again. */
function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const woken = new AbortController();
    const end = (): void => {
      clearTimeout(timer);
      woken.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);
    over.addEventListener('abort', end, { signal: woken.signal });
    addEventListener('online', end, { signal: woken.signal });
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && end(), { signal: woken.signal });
  });
}
