import { randomBytes } from 'node:crypto';
import { SecretBox } from '@app/config';
import { CommandHandler, RequestReply } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type TestApp, testAppOf } from '@app/http/testing';
import { LinkRpcClient } from '../../link-rpc-client.provider.js';
import { registered } from '../../../../testing/index.js';
import { MemoryRequestReply } from '../../../../testing/instance.js';
import { PeerToTry, RETRY_PEER } from '../../link.rpc.js';
import { RetryPeerController } from './retry-peer.controller.js';

let app: TestApp;
const log = new MemoryLog();
const rpc = new MemoryRequestReply();

beforeAll(async () => {
  app = await testAppOf(
    [RetryPeerController],
    [
      LinkRpcClient,
      { provide: CommandHandler, useValue: log },
      { provide: RequestReply, useValue: rpc },
      { provide: SecretBox, useValue: new SecretBox(randomBytes(32)) },
    ],
  );
});
afterAll(() => app.close());

it('says when there is nobody to try, and when nobody can', async () => {
  expect(await app.ask('POST', 'peers/peer-lisbon/retry')).toMatchObject({ status: 404, body: { code: 'federation.peer-unknown' } });
  log.add(registered);
  expect(await app.ask('POST', 'peers/peer-lisbon/retry')).toMatchObject({ status: 503, body: { code: 'federation.not-running' } });
  expect(await app.ask('POST', 'peers/a.b/retry')).toMatchObject({ status: 400, body: { errors: [{ field: 'peer_id' }] } });
});

it('has it tried, and says what came of it', async () => {
  const said = { ok: false, reason: 'connect_refused', sentence: 'It refuses connections.', rtt_ms: null };
  const asked: string[] = [];
  rpc.answer(RETRY_PEER, PeerToTry, async ({ peer_id }) => (asked.push(peer_id), said));
  expect(await app.ask('POST', 'peers/peer-lisbon/retry')).toMatchObject({ status: 200, body: said });
  expect(asked).toEqual(['peer-lisbon']);
});

it('does not hide a fault of the other process behind another', async () => {
  rpc.answer(RETRY_PEER, PeerToTry, async () => {
    throw new Error('a bug there');
  });
  expect(await app.ask('POST', 'peers/peer-lisbon/retry')).toMatchObject({ status: 500, body: { code: 'http.500' } });
});
