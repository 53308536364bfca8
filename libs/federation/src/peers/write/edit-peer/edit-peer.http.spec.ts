import { CommandHandler } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type TestApp, testAppOf } from '@app/http/testing';
import { registered } from '../../../../testing/index.js';
import { EditPeerController } from './edit-peer.controller.js';

const log = new MemoryLog();
let app: TestApp;

beforeAll(async () => {
  app = await testAppOf([EditPeerController], [{ provide: CommandHandler, useValue: log }]);
  log.add(registered);
});
afterAll(() => app.close());

const patch = (peerId: string, body: unknown) => app.ask('PATCH', `peers/${peerId}`, body);

it('gives another label', async () => {
  expect(await patch('peer-lisbon', { label: '里斯本' })).toMatchObject({ status: 202, body: { position: 'f2' } });
  expect(log.facts.at(-1)).toMatchObject({ type: 'federation.peer.labelled', data: { peer_id: 'peer-lisbon', label: '里斯本' } });
});

it('says no to a peer nobody registered', async () => {
  expect(await patch('peer-quito', { label: 'Quito' })).toMatchObject({ status: 404, body: { code: 'federation.peer-unknown' } });
});

it.each(['', ' ', ' Lisbon', 'Lisbon\n', 'Lis\u0000bon', 'x'.repeat(101), 7, null])('does not understand the label %j', async (label) => {
  expect(await patch('peer-lisbon', { label })).toMatchObject({ status: 400, body: { errors: [{ field: 'label' }] } });
});

it.each(['remote_peer_id', 'url', 'outbound_secret'])('does not edit %s', async (field) => {
  expect(await patch('peer-lisbon', { label: 'Lisbon', [field]: 'https://porto.example' })).toMatchObject({
    status: 400,
    body: { errors: [{ field, message: `property ${field} should not exist` }] },
  });
});
