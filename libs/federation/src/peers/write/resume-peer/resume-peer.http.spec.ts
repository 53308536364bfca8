import { CommandHandler } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type TestApp, testAppOf } from '@app/http/testing';
import { registered, suspended } from '../../../../testing/index.js';
import { ResumePeerController } from './resume-peer.controller.js';

const log = new MemoryLog();
let app: TestApp;

beforeAll(async () => {
  app = await testAppOf([ResumePeerController], [{ provide: CommandHandler, useValue: log }]);
  log.add(registered, suspended);
});
afterAll(() => app.close());

it.each([
  ['with an empty body', {}],
  ['without a body', undefined],
])('resumes %s, once', async (_name, body) => {
  expect(await app.ask('POST', 'peers/peer-lisbon/resume', body)).toMatchObject({ status: 202, body: { position: 'f3' } });
  expect(log.types).toEqual(['federation.peer.registered', 'federation.peer.suspended', 'federation.peer.resumed']);
});

it('says no to a peer nobody registered', async () => {
  expect(await app.ask('POST', 'peers/peer-quito/resume', {})).toMatchObject({ status: 404, body: { code: 'federation.peer-unknown' } });
});

it('takes nothing but the peer', async () => {
  expect(await app.ask('POST', 'peers/peer-lisbon/resume', { note: 'x' })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'note', message: 'property note should not exist' }] },
  });
});
