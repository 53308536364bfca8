import { randomBytes } from 'node:crypto';
import { SecretBox } from '@app/config';
import { CommandHandler, Questions } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type Door, doorOf } from '@app/http/testing';
import { LinkRpcClient } from '../../link-rpc-client.provider.js';
import { registered } from '../../../../testing/index.js';
import { MemoryQuestions } from '../../../../testing/instance.js';
import { PeerToTry, RETRY_PEER } from '../../link.rpc.js';
import { RetryPeerController } from './retry-peer.controller.js';

let door: Door;
const log = new MemoryLog();
const questions = new MemoryQuestions();

beforeAll(async () => {
  door = await doorOf(
    [RetryPeerController],
    [
      LinkRpcClient,
      { provide: CommandHandler, useValue: log },
      { provide: Questions, useValue: questions },
      { provide: SecretBox, useValue: new SecretBox(randomBytes(32)) },
    ],
  );
});
afterAll(() => door.close());

it('says when there is nobody to try, and when nobody can', async () => {
  expect(await door.ask('POST', 'peers/peer-lisbon/retry')).toMatchObject({ status: 404, body: { code: 'federation.peer-unknown' } });
  log.add(registered);
  expect(await door.ask('POST', 'peers/peer-lisbon/retry')).toMatchObject({ status: 503, body: { code: 'federation.not-running' } });
  expect(await door.ask('POST', 'peers/a.b/retry')).toMatchObject({ status: 400, body: { errors: [{ field: 'peer_id' }] } });
});

it('has it tried, and says what came of it', async () => {
  const said = { ok: false, reason: 'connect_refused', sentence: 'It refuses connections.', rtt_ms: null };
  const asked: string[] = [];
  questions.answer(RETRY_PEER, PeerToTry, async ({ peer_id }) => (asked.push(peer_id), said));
  expect(await door.ask('POST', 'peers/peer-lisbon/retry')).toMatchObject({ status: 200, body: said });
  expect(asked).toEqual(['peer-lisbon']);
});

it('does not hide a fault of the other process behind another', async () => {
  questions.answer(RETRY_PEER, PeerToTry, async () => {
    throw new Error('a bug there');
  });
  expect(await door.ask('POST', 'peers/peer-lisbon/retry')).toMatchObject({ status: 500, body: { code: 'http.500' } });
});
