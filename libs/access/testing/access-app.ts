import cookie from '@fastify/cookie';
import { Controller, Delete, Get, type INestApplication, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { CommandHandler, EventSubscription, InstanceIdentity, LogAcceptance } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { Actor, Public, type Role, Roles, type TokenRole } from '@app/http';
import { type Answered, LogCapture, type TestApp as Served, testAppOf } from '@app/http/testing';
import { ReadModels } from '@app/read-store';
import { testDatabase } from '@app/runtime/testing';
import { newLoginCode } from '../src/adapters/login-code.adapter.js';
import { AccessOptions } from '../src/adapters/session-cookie.adapter.js';
import { access } from '../src/context.js';
import { type FaultyTcpProxy, faultyTcpProxyTo } from './faulty-tcp-proxy.js';

/** A route of each kind, as other contexts have them. */
@Controller('sample')
class SampleController {
  @Get('anybody') @Public() anybody(): string {
    return 'hello';
  }
  @Get() look(@Actor() actor: string): { actor: string } {
    return { actor };
  }
  @Post() @Roles('operator') change(@Actor() actor: string): { actor: string } {
    return { actor };
  }
  @Delete() @Roles('admin') remove(@Actor() actor: string): { actor: string } {
    return { actor };
  }
}

/** The access context behind real HTTP and on a real PostgreSQL; the log is in memory. */
export interface TestApp {
  readonly app: INestApplication;
  readonly db: DataSource;
  readonly log: MemoryLog;
  readonly logCapture: LogCapture;
  readonly postgres: FaultyTcpProxy;
  request(method: string, path: string, options?: { headers?: Record<string, string>; body?: unknown }): Promise<Answered>;
  /** A one-time login code. */
  code(role?: Role): Promise<string>;
  /** Signs in: headers that carry the cookie, and with them the X-CSRF-Token. */
  signIn(role?: Role): Promise<{ cookie: string; 'x-csrf-token': string }>;
  /** A service token, issued by an admin who signs in for it; one of the role `caller` may make any call. */
  token(role: TokenRole): Promise<{ token: string; token_id: string }>;
  close(): Promise<void>;
}

type Prepare = (app: NestFastifyApplication) => Promise<unknown>;
const withCookies: Prepare = async (app) => app.register(cookie);

/** Of the instance behind the endpoint, by http. */
export const SESSION_COOKIE = 'cb_session_inst-7f3q';

export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

/** `prepare` comes before it listens; without it there are cookies, and no limits. */
export async function openAccess({ secureCookie = false }: Partial<AccessOptions> = {}, prepare: Prepare = withCookies): Promise<TestApp> {
  const database = await testDatabase();
  const postgres = await faultyTcpProxyTo(database.url);
  const { entities, migrations } = access;
  const db = new DataSource({
    type: 'postgres',
    url: postgres.url,
    entities: [...entities],
    migrations: [...migrations],
    connectTimeoutMS: 2_000,
    poolErrorHandler: () => undefined, // A cut cable is what some tests are about.
  });
  await db.initialize();
  await db.runMigrations();
  const log = new MemoryLog();
  const logCapture = new LogCapture();
  const served = await listening(db, log, logCapture, { secureCookie }, prepare);

  const testApp: TestApp = {
    app: served.app,
    db,
    log,
    logCapture,
    postgres,
    request: (method, path, { headers, body } = {}) => served.ask(method, path, body, headers),
    code: (role = 'admin') => newLoginCode(db, { role, now: new Date() }),
    async signIn(role) {
      const { headers, body } = await testApp.request('POST', 'session', { body: { code: await testApp.code(role) } });
      return { cookie: headers.getSetCookie()[0]?.split(';')[0] ?? '', 'x-csrf-token': body.csrf_token };
    },
    async token(role) {
      const headers = await testApp.signIn();
      const bound = role === 'caller' ? { bindings: [{ peer_id: null, agent: null, method_class: null }] } : {};
      return (await testApp.request('POST', 'tokens', { headers, body: { name: `a ${role}`, role, expires_in_days: null, ...bound } }))
        .body;
    },
    async close() {
      await served.close();
      postgres.mend();
      await db.destroy();
      await postgres.close();
      await database.drop();
    },
  };
  return testApp;
}

async function listening(
  db: DataSource,
  log: MemoryLog,
  logCapture: LogCapture,
  options: AccessOptions,
  prepare: Prepare,
): Promise<Served> {
  const given = [
    { provide: DataSource, useValue: db },
    { provide: CommandHandler, useValue: log },
    { provide: EventSubscription, useValue: log.subscription },
    { provide: LogAcceptance, useValue: { isOpen: () => true, acceptedAt: () => null } satisfies LogAcceptance },
    { provide: InstanceIdentity, useValue: { instance_id: 'inst-7f3q', incarnation: '01JABC' } satisfies InstanceIdentity },
    { provide: ReadModels, useValue: readModels(db) },
    { provide: AccessOptions, useValue: options },
  ];
  const controllers = [...access.controllers, SampleController];
  return testAppOf(controllers, [...access.providers, ...given], logCapture, prepare);
}

/** Straight from the tables, without waiting for any position. */
const readModels = (db: DataSource): ReadModels => ({
  answer: async (_model, { after }, query) => ({
    data: await query({ query: async (text, values) => ({ rows: (await db.query(text, [...values])) as unknown[] }) }),
    as_of: '2026-02-01T12:00:00.000Z',
    position: after ?? 'f7',
    lag_ms: 0,
    warnings: [],
  }),
});
