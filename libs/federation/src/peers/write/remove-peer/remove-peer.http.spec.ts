import { CommandHandler } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type TestApp, testAppOf } from '@app/http/testing';
import { registered, reserved } from '../../../../testing/index.js';
import { RemovePeerController } from './remove-peer.controller.js';

const log = new MemoryLog();
let app: TestApp;

beforeAll(async () => {
  app = await testAppOf([RemovePeerController], [{ provide: CommandHandler, useValue: log }]);
  log.add(registered, reserved);
});
afterAll(() => app.close());

it.each(['once', 'twice'])('removes a peer and frees its instance id, asked %s', async () => {
  expect(await app.ask('DELETE', 'peers/peer-lisbon')).toMatchObject({ status: 202, body: { position: 'f4' } });
  expect(log.types.slice(2)).toEqual(['federation.peer.removed', 'federation.remote-peer.released']);
  expect(log.facts.at(-1)?.data).toEqual({ remote_peer_id: 'inst-7f3q', peer_id: 'peer-lisbon' });
});

it('says no to a peer nobody registered', async () => {
  expect(await app.ask('DELETE', 'peers/peer-quito')).toMatchObject({
    status: 404,
    body: { code: 'federation.peer-unknown', detail: 'No peer peer-quito is registered.' },
  });
});
