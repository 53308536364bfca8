import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { APP_GUARD } from '@nestjs/core';
import { AnswerOf, ListAnswerOf, type Problem, type Role } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import { NOW } from '@app/kernel/testing';
import { ReadModels } from '@app/read-store';
import { CallAccepted } from '../../events/index.js';
import { CallController } from './call.controller.js';
import { CallLogController } from './call-log.controller.js';
import { Call } from './call-log.view.js';

const { record_id: _, boot_id: __, ...asked } = CallAccepted.example;
const told = {
  ...asked,
  outcome: 'completed',
  reason: null,
  http_status: 200,
  rpc_error_code: null,
  accepted_at: NOW,
  ended_at: NOW,
  first_byte_ms: 38,
  total_ms: 1904,
  response_bytes: 2210,
  sse_events: null,
  actor: 'token:t-1',
} as const;
const row = (position: number, more: object = {}) => ({ ...told, ...more, position });
const statements: { about: unknown; text: string; values: readonly unknown[] }[] = [];
let calls: unknown[] = [];
let peers: unknown[] = [];
let app: TestApp;
let role: Role;
const asRole = {
  canActivate: (context: { switchToHttp(): { getRequest(): { caller?: object } } }) => {
    context.switchToHttp().getRequest().caller = { role, actor: `token:${role}` };
    return true;
  },
};

const reads: ReadModels = {
  answer: async ({ table }, { after, ...about }, query) => {
    const data = await query({
      query: async (text, values) => {
        if (!text.includes('call_callers')) statements.push({ about: { table, ...about }, text, values });
        if (text.includes('call_callers')) return { rows: [{ token_id: 't-1', name: 'travel' }] };
        return { rows: text.includes('peer_directory') ? peers : calls };
      },
    });
    return { data, as_of: NOW, position: after ?? 'c91', lag_ms: 3, warnings: [] };
  },
};

beforeAll(async () => {
  app = await testAppOf(
    [CallLogController, CallController],
    [
      { provide: ReadModels, useValue: reads },
      { provide: APP_GUARD, useValue: asRole },
    ],
  );
});
beforeEach(() => {
  role = 'operator';
  statements.length = 0;
  calls = [row(9), row(7)];
  peers = [];
});
afterAll(() => app.close());

const LIST = 'peers/peer-lisbon/calls';

it('answers with a page of calls and how far it can be relied on', async () => {
  const { status, body } = await app.ask('GET', `${LIST}?direction=in&outcome=failed&after=c90`);
  const call = { ...told, caller_name: 'travel', sentence: 'Answered with HTTP 200 in 1904 ms.' };
  expect([status, body]).toEqual([200, { as_of: NOW, position: 'c90', lag_ms: 3, warnings: [], data: [call, call] }]);
  expect(() => assertShape(ListAnswerOf(Call), body)).not.toThrow();
  expect(statements).toMatchObject([
    {
      about: { table: 'call_log', peer_id: 'peer-lisbon', direction: 'in', outcome: 'failed', limit: 50 },
      values: ['peer-lisbon', 'in', 'failed', null, 51],
    },
  ]);
});

it.each([
  ['viewer', null],
  ['operator', 'travel'],
  ['admin', 'travel'],
] as const)('names the token that made a call to whom it may be named: %s', async (asking, name) => {
  role = asking;
  const answers = [await app.ask('GET', LIST), await app.ask('GET', `calls/${told.call_id}`)];
  for (const { body } of answers)
    for (const call of [body.data].flat()) expect(call).toMatchObject({ actor: 'token:t-1', caller_name: name });
  expect(answers.some(({ text }) => text.includes('travel'))).toBe(name !== null);
});

it('has a next page when there is more than was asked for', async () => {
  calls = [row(9), row(7), row(4)];
  const first = await app.ask('GET', `${LIST}?limit=2`);
  expect(first.body).toMatchObject({ data: [{}, {}], next_cursor: 'c7' });
  calls = [row(4)];
  const { body } = await app.ask('GET', `${LIST}?limit=2&cursor=c7`);
  expect(body).not.toHaveProperty('next_cursor');
  expect(statements[1]?.values).toEqual(['peer-lisbon', null, null, '7', 3]);
});

it('answers with none for a peer with which none went, and says no to a peer nobody knows', async () => {
  calls = [];
  peers = [{}];
  expect(await app.ask('GET', LIST)).toMatchObject({ status: 200, body: { data: [] } });
  peers = [];
  expect(await app.ask('GET', LIST)).toMatchObject({ status: 404, body: { code: 'federation.peer-unknown' } });
});

it('answers with one call', async () => {
  const { status, body } = await app.ask('GET', `calls/${told.call_id}?after=c9`);
  expect([status, body]).toMatchObject([200, { position: 'c9', data: { ...told, sentence: expect.any(String) } }]);
  expect(() => assertShape(AnswerOf(Call), body)).not.toThrow();
  expect(statements).toMatchObject([{ about: { table: 'call_log', call_id: told.call_id }, values: [told.call_id] }]);
});

it('says no to a call that is not on record', async () => {
  calls = [];
  expect(await app.ask('GET', 'calls/call-9')).toMatchObject({
    status: 404,
    body: { code: 'federation.call-unknown', detail: 'No call call-9 is on record.' },
  });
});

it.each([
  ['limit', '201'],
  ['limit', '0'],
  ['direction', 'up'],
  ['outcome', 'fine'],
  ['cursor', 'f7'],
  ['cursor', '7'],
  ['after', '7'],
  ['status', 'open'],
])('does not understand ?%s=%s', async (field, value) => {
  const { status, body } = await app.ask('GET', `${LIST}?${field}=${value}`);
  expect([status, (body as Problem).code, (body as Problem).errors?.[0]?.field]).toEqual([400, 'http.invalid', field]);
});

it('is described field by field', () => {
  const { components } = SwaggerModule.createDocument(app.app, new DocumentBuilder().build());
  const call = components?.schemas?.['Call'] as { properties: object; required: string[] };
  expect(Object.keys(call.properties).sort()).toEqual([...Object.keys(told), 'caller_name', 'sentence'].sort());
  expect(call.required.sort()).toEqual(Object.keys(call.properties).sort()); // Some may be null; none is absent.
});
