import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type {
  Answer,
  Call,
  Component,
  Direction,
  EdgeAgent,
  LiveSection,
  Outcome,
  Overview,
  Peer,
  RecordedEvent,
  Route,
  Session,
} from '../contract.js';
import { PatchLog, type RowOf, isArchived, patched } from '../logic/patches.js';
import { feed } from './feed.js';
import { ask, rememberCsrf } from './http.js';

export const KEYS = {
  session: ['session'],
  overview: ['overview'],
  federation: ['federation'],
  calls: ['calls'],
  routes: ['routes'],
  edge: ['edge'],
  archived: ['archived'],
  services: ['services'],
  events: ['events'],
  projections: ['projections'],
} as const;

/** Asked for again when the stream cannot say what was missed. */
export const LIVE_KEYS = [KEYS.overview, KEYS.federation, KEYS.edge, KEYS.archived, KEYS.services] as const;

const PAGE = '100';
/** More than the page is built for; a server that keeps giving cursors must not keep us here. */
const MAX_PAGES = 20;

export const patchLog = new PatchLog();

export const sessionQuery = queryOptions({
  queryKey: KEYS.session,
  staleTime: Infinity,
  queryFn: async ({ signal }): Promise<Session> => {
    const session = await ask<Session>('/session', { signal });
    rememberCsrf(session.csrf_token);
    return session;
  },
});

export const overviewQuery = queryOptions({
  queryKey: KEYS.overview,
  queryFn: async ({ signal }): Promise<Answer<Overview>> => {
    const answer = await ask<Answer<Overview>>('/overview', { signal });
    feed.clock.set(answer.data.server_time);
    feed.polled();
    return answer;
  },
});

export const peersQuery = queryOptions({
  queryKey: KEYS.federation,
  queryFn: ({ signal }) => listOf('federation', { signal }),
});

export const agentsQuery = queryOptions({
  queryKey: KEYS.edge,
  queryFn: ({ signal }) => listOf('edge', { signal }),
});

export const archivedQuery = queryOptions({
  queryKey: KEYS.archived,
  queryFn: ({ signal }) => listOf('edge', { signal, archived: true }),
});

/** An agent that is not in the list; null: there is none by this id. Searched for, since a 404 would be an error in the console. */
export const agentQuery = (id: string) =>
  queryOptions({
    queryKey: [...KEYS.archived, id],
    queryFn: async ({ signal }): Promise<EdgeAgent | null> => {
      const { data } = await ask<Answer<EdgeAgent[]>>('/edge-agents', { signal, query: { archived: 'include', q: id.slice(0, 100) } });
      return data.find(({ agent_id }) => agent_id === id) ?? null;
    },
  });

export const servicesQuery = queryOptions({
  queryKey: KEYS.services,
  queryFn: ({ signal }) => listOf('services', { signal }),
});

const PATHS: Record<LiveSection, string> = { federation: '/peers', edge: '/edge-agents', services: '/services' };
interface ReadAt {
  signal?: AbortSignal;
  /** Answer no older than this position. */
  after?: string;
  /** Of agents: those that are archived instead of those that are not. */
  archived?: boolean;
}

/** All rows of a section, with what the stream said meanwhile. */
export function listOf(section: 'federation', readAt: ReadAt): Promise<Answer<Peer[]>>;
export function listOf(section: 'edge', readAt: ReadAt): Promise<Answer<EdgeAgent[]>>;
export function listOf(section: 'services', readAt: ReadAt): Promise<Answer<Component[]>>;
export function listOf<S extends LiveSection>(section: S, { signal, after, archived = false }: ReadAt): Promise<Answer<RowOf[S][]>> {
  const read = async (): Promise<Answer<RowOf[S][]>> => {
    const limit = section === 'services' ? undefined : PAGE;
    const rows: RowOf[S][] = [];
    let cursor: string | undefined;
    for (let page = 0; ; page += 1) {
      const answer = await ask<Answer<RowOf[S][]>>(PATHS[section], {
        query: { limit, cursor, after, archived: archived ? 'only' : undefined },
        ...(signal && { signal }),
      });
      rows.push(...answer.data);
      cursor = answer.next_cursor;
      if (cursor !== undefined && page + 1 < MAX_PAGES) continue;
      feed.polled();
      return { ...answer, data: rows };
    }
  };
  return patchLog.during(read, (answer, patches) => patched(answer, section, patches, (row) => isArchived(row) === archived));
}

/** A filter is the URL's own: what is absent is not filtered by. */
export interface EventFilter {
  stream?: string | undefined;
  type?: string | undefined;
  subject?: string | undefined;
  actor?: string | undefined;
}

/** Newest first, older pages on demand. */
export const eventsQuery = ({ stream = 'facts', type, subject, actor }: EventFilter) =>
  infiniteQueryOptions({
    queryKey: [...KEYS.events, { stream, type, subject, actor }],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      ask<Answer<RecordedEvent[]>>('/events', { signal, query: { stream, type, subject, actor, before: pageParam, limit: '50' } }),
    getNextPageParam: (answer) => answer.next_cursor,
  });

/** What is absent is not filtered by. */
export interface CallFilter {
  direction?: Direction | undefined;
  outcome?: Outcome | undefined;
}

const CALLS_MS = 15_000;
/** While one is under way, somebody may be waiting for its end. */
const OPEN_CALLS_MS = 3_000;

/** The calls with a peer, newest first, older pages on demand. */
export const callsQuery = (peerId: string, { direction, outcome }: CallFilter) =>
  infiniteQueryOptions({
    queryKey: [...KEYS.calls, peerId, { direction, outcome }],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      ask<Answer<Call[]>>(`/peers/${encodeURIComponent(peerId)}/calls`, {
        signal,
        query: { direction, outcome, cursor: pageParam, limit: '50' },
      }),
    getNextPageParam: (answer) => answer.next_cursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ data }) => data.some((call) => call.outcome === 'open')) === true ? OPEN_CALLS_MS : CALLS_MS,
  });

export const callQuery = (callId: string) =>
  queryOptions({
    queryKey: [...KEYS.calls, callId],
    queryFn: ({ signal }) => ask<Answer<Call>>(`/calls/${encodeURIComponent(callId)}`, { signal }),
    refetchInterval: ({ state }) => state.data?.data.outcome === 'open' && OPEN_CALLS_MS,
  });

/** All rules, in their order. `after`: no older than this position. */
export const routesOf = (readAt: ReadAt): Promise<Answer<Route[]>> =>
  ask<Answer<Route[]>>('/routes', { query: { after: readAt.after }, ...(readAt.signal && { signal: readAt.signal }) });

/** The stream does not carry them: they change by hand, and seldom. */
export const routesQuery = queryOptions({
  queryKey: KEYS.routes,
  queryFn: ({ signal }) => routesOf({ signal }),
  refetchInterval: CALLS_MS,
});
