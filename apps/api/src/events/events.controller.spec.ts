import { APP_GUARD } from '@nestjs/core';
import { openTestLog, poison, type TestLog } from '@app/event-store/testing';
import { ROLES, type Role } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { PlumbingToken } from '../plumbing.token.js';
import { sections } from '../live/sections.js';
import { EventsController } from './events.controller.js';

let log: TestLog;
let server: TestApp;
let role: Role;
const place: Record<string, string> = {};

beforeAll(async () => {
  log = await openTestLog();
  const asRole = {
    canActivate: (context: { switchToHttp(): { getRequest(): { caller?: object } } }) => {
      context.switchToHttp().getRequest().caller = { role, actor: `token:${role}` };
      return true;
    },
  };
  server = await testAppOf(
    [EventsController],
    [
      { provide: PlumbingToken, useValue: { plumbing: { store: log.store } } },
      { provide: APP_GUARD, useValue: asRole },
    ],
  );
  for (const subject of ['facts.access.token.t1', 'facts.edge.agent.a1']) {
    place[subject] = log.store.gate.token({ facts: await poison(log.store, subject, '{"name":"nightly"}') });
  }
});
afterAll(async () => {
  await server?.close();
  await log?.stop();
});

const subjectsSeen = async (query: string): Promise<unknown[]> => {
  const { status, body } = await server.ask('GET', `events${query}`);
  return status === 200 ? (body.data as { subject: string }[]).map(({ subject }) => subject).toSorted() : [status, body.code];
};

const DENIED = [403, 'access.denied'];

it.each(ROLES)('a %s reads the events of access exactly when that role reads the list of tokens', async (each) => {
  role = each;
  const isAdmin = each === 'admin';
  const token = 'facts.access.token.t1';
  expect(await subjectsSeen('')).toEqual(isAdmin ? [token, 'facts.edge.agent.a1'] : ['facts.edge.agent.a1']);
  for (const query of ['?room=access', `?subject=${token}`]) expect(await subjectsSeen(query)).toEqual(isAdmin ? [token] : DENIED);
  expect(await subjectsSeen('?room=edge')).toEqual(['facts.edge.agent.a1']);
  const one = await server.ask('GET', `events/${place[token]}`);
  expect(isAdmin ? one.status : [one.status, one.body.code]).toEqual(isAdmin ? 200 : DENIED);
  expect(JSON.stringify(one.body).includes('nightly')).toBe(isAdmin);
  expect((await server.ask('GET', `events/${place['facts.edge.agent.a1']}`)).status).toBe(200);
});

it('the live feed has no section of the context access', () => {
  const models = sections({ over: (rows: unknown[]) => rows } as never).flatMap(({ models: each }) => each);
  expect(models.map(({ table }) => table)).not.toContain('token_directory');
});

it.each(['calls', 'telemetry'])('the events of an empty stream (%s) are none, whatever is asked for', async (stream) => {
  role = 'admin';
  for (const query of ['', '&type=federation.call.accepted', '&actor=token:none', '&limit=1']) {
    expect(await server.ask('GET', `events?stream=${stream}${query}`)).toMatchObject({ status: 200, body: { data: [] } });
  }
});
