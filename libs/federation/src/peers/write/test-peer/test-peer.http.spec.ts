import { randomBytes } from 'node:crypto';
import { SecretBox } from '@app/config';
import { CommandHandler, InstanceIdentity, RequestReply } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import type { Problem } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { LinkRpcClient } from '../../link-rpc-client.provider.js';
import { registered, removed } from '../../../../testing/index.js';
import { MemoryRequestReply } from '../../../../testing/instance.js';
import { LinkToTest, PeerToTry, TEST_LINK, TEST_PEER } from '../../link.rpc.js';
import { TestPeerController } from './test-peer.controller.js';

const box = new SecretBox(randomBytes(32));
const SECRET = 'correct horse battery staple';
let app: TestApp;
let log: MemoryLog;
let rpc: MemoryRequestReply;

beforeEach(async () => {
  log = new MemoryLog();
  rpc = new MemoryRequestReply();
  app = await testAppOf(
    [TestPeerController],
    [
      LinkRpcClient,
      { provide: CommandHandler, useValue: log },
      { provide: RequestReply, useValue: rpc },
      { provide: SecretBox, useValue: box },
      { provide: InstanceIdentity, useValue: { instance_id: 'inst-a', incarnation: 'test' } },
    ],
  );
});
afterEach(() => app.close());

const link = { url: 'https://lisbon.example', remote_peer_id: 'inst-7f3q', outbound_secret: SECRET };
const said = { ok: true, reason: null, sentence: 'It answers.', rtt_ms: 12.3 };

it('has a link tried that is not saved, and hands its secret over sealed', async () => {
  let asked: LinkToTest | undefined;
  rpc.answer(TEST_LINK, LinkToTest, async (request) => ((asked = request), said));
  expect(await app.ask('POST', 'peers/test', link)).toMatchObject({ status: 200, body: said });
  expect(JSON.stringify(asked)).not.toContain(SECRET);
  expect(box.open(asked?.sealed_secret ?? '', TEST_LINK)).toBe(SECRET);
  expect(asked).toMatchObject({ url: link.url, remote_peer_id: link.remote_peer_id });
  expect(log.facts).toEqual([]);
});

it.each(['connect_refused', 'dns_failure', 'heartbeat_timeout', 'auth_rejected', 'url_denied'])(
  'tells an operator why, as the status of a peer that they registered would: %s',
  async (reason) => {
    const found = { ok: false, reason, sentence: `10.1.2.3 says ${reason}.`, rtt_ms: null };
    rpc.answer(TEST_LINK, LinkToTest, async () => found);
    expect((await app.ask('POST', 'peers/test', link)).body).toEqual(found);
  },
);

it('has a saved one tried', async () => {
  log.add(registered);
  rpc.answer(TEST_PEER, PeerToTry, async ({ peer_id }) => ({ ...said, sentence: `It was ${peer_id}.` }));
  expect(await app.ask('POST', 'peers/peer-lisbon/test')).toMatchObject({ status: 200, body: { sentence: 'It was peer-lisbon.' } });
  expect(log.facts).toHaveLength(1);
});

it.each([
  ['nobody registered', []],
  ['that was removed', [registered, removed]],
])('knows no peer %s', async (_what, facts) => {
  log.add(...facts);
  rpc.answer(TEST_PEER, PeerToTry, async () => said);
  expect(await app.ask('POST', 'peers/peer-lisbon/test')).toMatchObject({ status: 404, body: { code: 'federation.peer-unknown' } });
});

it('says when no process speaks with peers', async () => {
  log.add(registered);
  const answers = await Promise.all([app.ask('POST', 'peers/test', link), app.ask('POST', 'peers/peer-lisbon/test')]);
  for (const { status, headers, body } of answers) {
    expect([status, headers.get('content-type')]).toEqual([503, expect.stringContaining('application/problem+json')]);
    expect(body).toMatchObject({ code: 'federation.not-running', next: expect.any(String) });
  }
});

it('does not try itself', async () => {
  const { status, body } = await app.ask('POST', 'peers/test', { ...link, remote_peer_id: 'inst-a' });
  expect([status, (body as { code: string }).code]).toEqual([422, 'federation.peer-is-self']);
});

it.each([
  ['url', undefined],
  ['remote_peer_id', 'a.b'],
  ['outbound_secret', ''],
  ['outbound_secret', 'with a line\nbreak and more'],
  ['label', 'Lisbon'],
])('does not understand %s: %j', async (field, value) => {
  const { status, body } = await app.ask('POST', 'peers/test', { ...link, [field]: value });
  expect([status, (body as Problem).code, (body as Problem).errors?.[0]?.field]).toEqual([400, 'http.invalid', field]);
});
