import cookie from '@fastify/cookie';
import { Controller, Delete, Get, type INestApplication, type LoggerService, Post } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { CommandHandler, InstanceIdentity } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { Actor, Public, type Role, Roles, openDoor } from '@app/http';
import { ReadModels } from '@app/read-store';
import { testDatabase } from '@app/runtime/testing';
import { newLoginCode } from '../src/adapters/login-code.adapter.js';
import { AccessOptions } from '../src/adapters/session-cookie.adapter.js';
import { access } from '../src/room.js';
import { type Cable, cableTo } from './cable.js';

/** A route of each kind, as other rooms have them. */
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

/** Everything that was logged, as one text. */
class LogBook implements LoggerService {
  text = '';
  private readonly write = (...words: unknown[]): void => {
    for (const word of words) this.text += `${word instanceof Error ? `${word.stack} ${JSON.stringify(word)}` : JSON.stringify(word)}\n`;
  };
  log = this.write;
  error = this.write;
  warn = this.write;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
  readonly text: string;
}

/** The access room behind real HTTP and on a real PostgreSQL; the log is in memory. */
export interface Door {
  readonly app: INestApplication;
  readonly db: DataSource;
  readonly log: MemoryLog;
  readonly logBook: LogBook;
  readonly postgres: Cable;
  request(method: string, path: string, options?: { headers?: Record<string, string>; body?: unknown }): Promise<Answer>;
  /** A one-time login code. */
  code(role?: Role): Promise<string>;
  /** Signs in: headers that carry the cookie, and with them the X-CSRF-Token. */
  signIn(role?: Role): Promise<{ cookie: string; 'x-csrf-token': string }>;
  /** A service token, issued by an admin who signs in for it. */
  token(role: Role): Promise<{ token: string; token_id: string }>;
  close(): Promise<void>;
}

export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

export async function openAccess({ secureCookie = false }: Partial<AccessOptions> = {}): Promise<Door> {
  const database = await testDatabase();
  const postgres = await cableTo(database.url);
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
  const logBook = new LogBook();
  const app = await listening(db, log, logBook, { secureCookie });
  const url = `${await app.getUrl()}/api/v1/infrastructure/`;

  const door: Door = {
    app,
    db,
    log,
    logBook,
    postgres,
    async request(method, path, { headers = {}, body } = {}) {
      const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
      const json = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await fetch(url + path, { method, headers: { ...json, ...headers }, ...sent });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, body: text.startsWith('{') ? JSON.parse(text) : text };
    },
    code: (role = 'admin') => newLoginCode(db, { role, now: new Date() }),
    async signIn(role) {
      const { headers, body } = await door.request('POST', 'session', { body: { code: await door.code(role) } });
      return { cookie: headers.getSetCookie()[0]?.split(';')[0] ?? '', 'x-csrf-token': body.csrf_token };
    },
    async token(role) {
      const headers = await door.signIn();
      return (await door.request('POST', 'tokens', { headers, body: { name: `a ${role}`, role, expires_in_days: null } })).body;
    },
    async close() {
      await app.close();
      postgres.mend();
      await db.destroy();
      await postgres.close();
      await database.drop();
    },
  };
  return door;
}

async function listening(db: DataSource, log: MemoryLog, logBook: LogBook, options: AccessOptions): Promise<INestApplication> {
  const module = await Test.createTestingModule({
    controllers: [...access.controllers, SampleController],
    providers: [
      ...access.providers,
      { provide: DataSource, useValue: db },
      { provide: CommandHandler, useValue: log },
      { provide: InstanceIdentity, useValue: { instance_id: 'inst-7f3q', incarnation: '01JABC' } satisfies InstanceIdentity },
      { provide: ReadModels, useValue: readModels(db) },
      { provide: AccessOptions, useValue: options },
    ],
  })
    .setLogger(logBook)
    .compile();
  const app = openDoor(module.createNestApplication<NestFastifyApplication>(new FastifyAdapter()));
  await app.register(cookie);
  await app.listen(0, '127.0.0.1');
  return app;
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
