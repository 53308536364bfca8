import { randomBytes } from 'node:crypto';
import { SecretBox } from '@app/config';
import { CommandHandler, RequestReply } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { ROLE } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { LinkRpcClient } from '../../link-rpc-client.provider.js';
import { registered, verified } from '../../../../testing/index.js';
import { MemoryRequestReply } from '../../../../testing/instance.js';
import { PeerKeyPinned } from '../../events/index.js';
import { type KeyAnswer, PeerToTry, SHOWN_KEY } from '../../link.rpc.js';
import { PinPeerKeyController } from './pin-peer-key.controller.js';

let app: TestApp;
const log = new MemoryLog();
const rpc = new MemoryRequestReply();
const { public_key, key_fingerprint: fingerprint } = PeerKeyPinned.example;
const other = '0000-1111-2222-3333-4444-5555-6666-7777';

beforeAll(async () => {
  app = await testAppOf(
    [PinPeerKeyController],
    [
      LinkRpcClient,
      { provide: CommandHandler, useValue: log },
      { provide: RequestReply, useValue: rpc },
      { provide: SecretBox, useValue: new SecretBox(randomBytes(32)) },
    ],
  );
});
afterAll(() => app.close());
const pin = (text: unknown) => app.ask('POST', 'peers/peer-lisbon/pin', { fingerprint: text });

it('asks for the role admin', () => {
  expect(Reflect.getMetadata(ROLE, Object.getOwnPropertyDescriptor(PinPeerKeyController.prototype, 'pin')?.value)).toBe('admin');
});

it('answers 404 for a peer that is not registered, 503 when no process knows what it shows, and 400 for no fingerprint', async () => {
  expect(await pin(fingerprint)).toMatchObject({ status: 404, body: { code: 'federation.peer-unknown' } });
  log.add(registered, verified);
  expect(await pin(fingerprint)).toMatchObject({ status: 503, body: { code: 'federation.not-running' } });
  expect(await pin('21fe')).toMatchObject({ status: 400, body: { errors: [{ field: 'fingerprint' }] } });
});

it('pins the key that the peer shows, by its fingerprint and by no other', async () => {
  let shown: KeyAnswer = { key: null };
  rpc.answer(SHOWN_KEY, PeerToTry, async () => shown);
  expect(await pin(fingerprint)).toMatchObject({ status: 409, body: { code: 'federation.key-not-shown' } });
  shown = { key: { public_key, fingerprint } };
  expect(await pin(other)).toMatchObject({ status: 409, body: { code: 'federation.key-differs', facts: { shown: fingerprint } } });
  expect(log.facts).toHaveLength(2);
  expect(await pin(fingerprint)).toMatchObject({ status: 202, body: { position: 'f3' } });
  expect(log.of('federation.peer.key-pinned')).toEqual([{ peer_id: 'peer-lisbon', public_key, key_fingerprint: fingerprint }]);
});
