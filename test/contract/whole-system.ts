import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jetstreamManager } from '@nats-io/jetstream';
import cookie from '@fastify/cookie';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { TestingModule } from '@nestjs/testing';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { InstanceKey } from '@app/config';
import { type EventStore, CommandHandler, EventSubscription, InstanceIdentity, RequestReply, Telemetry } from '@app/event-store';
import { PublicOptions } from '@app/http';
import { type Answered, testAppOf } from '@app/http/testing';
import { type EventClass, Position } from '@app/kernel';
import type { Plumbing } from '@app/process';
import { Progress, ReadModels } from '@app/read-store';
import { openMachines } from '@app/read-store/testing';
import { CONTEXTS } from '@app/contexts';
import { newLoginCode } from '@app/access';
import { ApiModule } from '../../apps/api/src/api.module.js';
import { describeApi } from '../../apps/api/src/openapi.module.js';
import { type Identity, newIdentity } from '../../libs/edge/testing/index.js';
import { hold } from '../../libs/edge/testing/machines.js';

const CAUGHT_UP_MS = 20_000;

/** Every context on a real log and a real database: the API, all projectors, and the process that holds tunnels. */
export interface WholeSystem {
  readonly store: EventStore;
  readonly db: DataSource;
  readonly pool: pg.Pool;
  /** The description of the API that runs. */
  readonly description: OpenAPIObject;
  /** Where edge agents are answered. */
  readonly publicUrl: string;
  /** Where the API answers: its prefix, which ends with a slash. */
  readonly apiUrl: string;
  /** Every route that the API has, described or not: `GET /api/v1/infrastructure/peers/:peer_id`. */
  readonly routes: readonly string[];
  /** By which an admin is known. */
  readonly admin: Readonly<Record<string, string>>;
  /** As an admin, unless headers say who else. `path` is below the prefix of the API. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  /** The `data` of a good answer. */
  data(path: string): Promise<any>;
  /** An agent joins with a token of its own. `more` is of the join, `issued` of its token. */
  join(more?: object, issued?: object): Promise<Joined>;
  /** Throws unless every projection reaches the end of its stream in time. */
  assertCaughtUp(): Promise<void>;
  close(): Promise<void>;
}

export interface Joined {
  readonly status: number;
  readonly asked: object;
  /** With the id that it was given; '' where it was refused. */
  readonly identity: Identity;
}

const isEvent = (item: unknown): item is EventClass => typeof item === 'function' && 'type' in item;
const events = Object.fromEntries(
  CONTEXTS.flatMap((context) => Object.values(context.events).filter(isEvent)).map((event) => [event.type, event]),
);
const servers = {
  events,
  projections: CONTEXTS.flatMap(({ projections }) => [...projections]),
  entities: CONTEXTS.flatMap(({ entities }) => [...entities]),
  migrations: CONTEXTS.flatMap(({ migrations }) => [...migrations]),
};

export async function openWholeSystem(): Promise<WholeSystem> {
  const machines = await openMachines(servers);
  const { store, db, pool, readModels } = machines;
  const progress = new Progress(store.nc);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tunnels = await holdTunnels(server, store, db, publicUrl);
  const {
    testServer: testApp,
    admin,
    routes,
  } = await openApi({ store, pool, privateStore: db, progress, reads: readModels } as unknown as Plumbing, publicUrl);
  const ask: WholeSystem['ask'] = (method, path, body, headers = admin) => testApp.ask(method, path, body, headers);
  return {
    ...{
      store,
      db,
      pool,
      publicUrl,
      routes,
      admin,
      apiUrl: `${await testApp.app.getUrl()}/api/v1/infrastructure/`,
      description: describeApi(testApp.app),
    },
    ask,
    data: async (path) => {
      const { status, body } = await ask('GET', path);
      if (status !== 200) throw new Error(`${path} is answered with ${status}: ${JSON.stringify(body)}`);
      return body.data;
    },
    join: async (more = {}, issued = {}) => joined(publicUrl, (await ask('POST', 'edge-agents/enroll', issued)).body.join_token, more),
    assertCaughtUp: () => assertCaughtUp(store, progress),
    async close() {
      await tunnels.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await testApp.close();
      progress.stop();
      await machines.close();
    },
  };
}

async function joined(publicUrl: string, token: string, more: object): Promise<Joined> {
  const identity = newIdentity('');
  const asked = { token, public_key: identity.publicKey, hostname: 'edge-1', version: '0.1.0', os: 'linux x64', ...more };
  const answer = await fetch(`${publicUrl}/edge/v1/join`, { method: 'POST', body: JSON.stringify(asked) });
  const { agent_id: agentId = '' } = (await answer.json()) as { agent_id?: string };
  return { status: answer.status, asked, identity: { ...identity, agentId } };
}

const given = (provide: unknown, useValue: unknown) => ({ provide: provide as never, useValue });

const holdTunnels = (server: Server, store: EventStore, db: DataSource, publicUrl: string): Promise<TestingModule> =>
  hold(server, [
    given(CommandHandler, store.commands),
    given(EventSubscription, store.subscription),
    given(InstanceIdentity, store.identity),
    given(Telemetry, store.telemetry),
    given(RequestReply, store.rpc),
    given(PublicOptions, { publicUrl }),
    given(InstanceKey, { publicKey: null, isKnown: true, known: Promise.resolve(), sign: () => null } satisfies InstanceKey),
    given(DataSource, db),
  ]);

async function openApi(plumbing: Plumbing, publicUrl: string) {
  const sight = { over: () => [], start: () => undefined, stop: async () => undefined, onChange: () => () => undefined };
  const settings = {
    secretsKey: new Uint8Array(32),
    federation: { allowCidrs: [], allowLoopbackHttp: true, targets: { allowLoopback: true, own: [] } },
    access: { secureCookie: false },
    public: { publicUrl },
  };
  const { controllers = [], providers = [] } = ApiModule.with(plumbing, settings, sight);
  const routes: string[] = [];
  const prepare = async (app: NestFastifyApplication): Promise<void> => {
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRoute', ({ method, url }) => void routes.push(...[method].flat().map((each) => `${each} ${url}`)));
    await app.register(cookie);
  };
  const testApp = await testAppOf(controllers, [...providers, given(ReadModels, plumbing.reads)], false, prepare);
  const code = await newLoginCode(plumbing.privateStore, { role: 'admin', now: new Date() });
  const { headers, body } = await testApp.ask('POST', 'session', { code });
  return {
    testServer: testApp,
    routes,
    admin: { cookie: headers.getSetCookie()[0]?.split(';')[0] ?? '', 'x-csrf-token': body.csrf_token as string },
  };
}

/** Asks for the end of each stream as it was when this began: agents go on beating. */
async function assertCaughtUp({ nc }: EventStore, progress: Progress): Promise<void> {
  const jsm = await jetstreamManager(nc);
  const ends = new Map<string, number>();
  for (const stream of ['facts', 'calls', 'telemetry']) ends.set(stream, (await jsm.streams.info(stream.toUpperCase())).state.last_seq);
  const streamOf = (reads: readonly EventClass[]): string => ({ fact: 'facts', call: 'calls', telemetry: 'telemetry' })[reads[0]!.kind];
  const reached = await Promise.all(
    servers.projections.map(({ table, reads }) => {
      const stream = streamOf(reads);
      return progress.reached(table, new Position({ [stream]: ends.get(stream) ?? 0 }), CAUGHT_UP_MS);
    }),
  );
  const behind = servers.projections.filter((_, i) => !reached[i]).map(({ table }) => table);
  if (behind.length > 0) throw new Error(`These projections stopped: ${behind.join(', ')}`);
}
