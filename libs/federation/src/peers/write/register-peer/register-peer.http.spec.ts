import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { AppendConflict, AppendRejected, CommandHandler, InstanceIdentity, LogUnavailable, OutcomeUnknown } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { OutboundGuard, Problem } from '@app/http';
import { type Answered, type TestApp, testAppOf } from '@app/http/testing';
import { assertShape, newEvent } from '@app/kernel';
import { DatabaseUnavailable } from '@app/read-store';
import { PeerRegistered, RemotePeerReserved } from '../../events/index.js';
import { PeerSecrets } from '../../private/peer-secrets.provider.js';
import { RegisterPeerController } from './register-peer.controller.js';
import { PeerAccepted } from './register-peer.view.js';

/** What is kept, by the id of its row. */
class Vault implements Pick<PeerSecrets, 'keep' | 'forget'> {
  readonly rows = new Map<string, string>();
  made = 0;
  failure: Error | undefined;

  async keep(_peerId: string, secret: string) {
    if (this.failure !== undefined) throw this.failure;
    const secret_id = `secret-${++this.made}`;
    this.rows.set(secret_id, secret);
    return { secret_id, secret_version: 1, secret_fingerprint: '5c1e-0b77-a9d2-43f0' };
  }

  async forget(secretId: string) {
    this.rows.delete(secretId);
  }
}

let app: TestApp;
let log: MemoryLog;
let vault: Vault;

beforeEach(async () => {
  log = new MemoryLog();
  vault = new Vault();
  app = await testAppOf(
    [RegisterPeerController],
    [
      { provide: CommandHandler, useValue: log },
      { provide: PeerSecrets, useValue: vault },
      { provide: OutboundGuard, useValue: new OutboundGuard({ allowCidrs: [], allowLoopbackHttp: false }) },
      { provide: InstanceIdentity, useValue: { instance_id: 'inst-home', incarnation: '01JABC' } satisfies InstanceIdentity },
    ],
  );
});
afterEach(() => app.close());

const ask = { remote_peer_id: 'inst-7f3q', label: 'Lisbon', url: 'https://lisbon.example' };
const GIVEN = 'correct horse battery staple';
const post = (body: unknown, key?: string): Promise<Answered> =>
  app.ask('POST', 'peers', body, key === undefined ? {} : { 'idempotency-key': key });
const registrations = (): PeerRegistered[] =>
  log.facts.filter(({ type }) => type === 'federation.peer.registered').map(({ data }) => data as PeerRegistered);

it('makes a secret, keeps it before the fact names it, and shows it once', async () => {
  const { status, body } = await post(ask);
  expect(status).toBe(202);
  expect(() => assertShape(PeerAccepted, body)).not.toThrow();
  const { position, peer_id, outbound_secret } = body as PeerAccepted;
  expect(position).toBe('f2');
  expect(outbound_secret).toMatch(/^cbfs_[A-Za-z0-9_-]{43}$/);
  expect([...vault.rows]).toEqual([['secret-1', outbound_secret]]);
  expect(log.facts.map(({ data }) => data)).toEqual([
    { ...ask, peer_id, secret_id: 'secret-1', secret_version: 1, secret_fingerprint: '5c1e-0b77-a9d2-43f0' },
    { remote_peer_id: 'inst-7f3q', peer_id },
  ]);
  expect(JSON.stringify(log.facts)).not.toContain(outbound_secret);
});

it('takes a secret, and does not show it', async () => {
  const { status, body } = await post({ ...ask, outbound_secret: GIVEN });
  expect(status).toBe(202);
  expect(Object.keys(body as object)).toEqual(['position', 'peer_id']);
  expect([...vault.rows.values()]).toEqual([GIVEN]);
  expect(JSON.stringify(log.facts)).not.toContain(GIVEN);
});

describe('sent again with its Idempotency-Key', () => {
  it('finds the same peer, keeps the first secret, and shows none', async () => {
    const first = (await post(ask, 'k1')).body as PeerAccepted;
    const again = await post(ask, 'k1');
    expect(again).toMatchObject({ status: 202, body: { position: first.position, peer_id: first.peer_id } });
    expect(again.body).not.toHaveProperty('outbound_secret');
    expect([...vault.rows]).toEqual([['secret-1', first.outbound_secret]]);
    expect(registrations()).toHaveLength(1);
  });

  it('after an answer that never came, finds what was written', async () => {
    log.after = () => Promise.reject(new OutcomeUnknown('c1'));
    expect((await post({ ...ask, outbound_secret: GIVEN }, 'k1')).status).toBeGreaterThanOrEqual(400);
    log.after = () => undefined;
    const again = await post({ ...ask, outbound_secret: GIVEN }, 'k1');
    expect(again).toMatchObject({ status: 202, body: { position: 'f2' } });
    expect([...vault.rows]).toEqual([['secret-1', GIVEN]]);
    expect(registrations()).toMatchObject([{ secret_id: 'secret-1' }]);
  });

  it('shows the secret of the attempt that was written, when the first was not', async () => {
    log.before = () => Promise.reject(new OutcomeUnknown('c1'));
    await post(ask, 'k1');
    log.before = () => undefined;
    const { outbound_secret } = (await post(ask, 'k1')).body as PeerAccepted;
    expect(registrations()).toMatchObject([{ secret_id: 'secret-2' }]);
    expect(vault.rows.get('secret-2')).toBe(outbound_secret);
  });

  it('for another instance is refused, and leaves nothing', async () => {
    const { peer_id } = (await post(ask, 'k1')).body as PeerAccepted;
    const porto = { ...ask, remote_peer_id: 'inst-porto' };
    expect(await post(porto, 'k1')).toMatchObject({ status: 422, body: { code: 'http.key-reused' } });
    log.requests.clear();
    expect(await post(porto, 'k1')).toMatchObject({
      status: 409,
      body: { code: 'federation.key-reused', facts: { peer_id, registered: 'inst-7f3q', remote_peer_id: 'inst-porto' } },
    });
    expect([...vault.rows.keys()]).toEqual(['secret-1']);
    expect(registrations()).toHaveLength(1);
  });
});

it('refuses an instance that is registered, naming the peer, and leaves no secret', async () => {
  const { peer_id } = (await post(ask)).body as PeerAccepted;
  const { status, body } = await post({ ...ask, label: 'Lisbon again' });
  expect(status).toBe(409);
  expect(body).toMatchObject({
    code: 'federation.peer-exists',
    detail: `The instance inst-7f3q is registered already, as peer ${peer_id}.`,
    next: expect.stringContaining('Use that peer'),
    facts: { remote_peer_id: 'inst-7f3q', peer_id },
  });
  expect([...vault.rows.keys()]).toEqual(['secret-1']);
});

it('refuses an instance that another request registered a moment before', async () => {
  log.before = () => {
    const peer_id = PeerRegistered.example.peer_id;
    log.add(newEvent(PeerRegistered, PeerRegistered.example), newEvent(RemotePeerReserved, { remote_peer_id: 'inst-7f3q', peer_id }));
  };
  expect(await post(ask)).toMatchObject({ status: 409, body: { code: 'federation.peer-exists' } });
  expect(vault.rows.size).toBe(0);
});

it('refuses this instance itself', async () => {
  expect(await post({ ...ask, remote_peer_id: 'inst-home' })).toMatchObject({ status: 422, body: { code: 'federation.peer-is-self' } });
  expect(vault.rows.size).toBe(0);
});

it.each([
  ['hunter2', 7],
  ['x'.repeat(23), 23],
])('refuses the weak secret %j without repeating it', async (outbound_secret, length) => {
  const { status, body } = await post({ ...ask, outbound_secret });
  expect(status).toBe(422);
  expect(body).toMatchObject({
    code: 'federation.secret-weak',
    detail: `The outbound_secret has ${length} characters; at least 24 are needed.`,
    facts: { length, least: 24 },
  });
  expect(JSON.stringify(body)).not.toContain(outbound_secret);
  expect([vault.made, log.facts]).toEqual([0, []]);
});

it.each([
  ['too long', `${GIVEN}${'x'.repeat(512)}`],
  ['with a line break at its end', `${GIVEN}\n`],
  ['with a blank at its start', ` ${GIVEN}`],
  ['with a control character', `${GIVEN}\u0007${GIVEN}`],
  ['in a list', [GIVEN]],
  ['in an object', { value: GIVEN }],
])('does not understand a secret %s, without repeating it', async (_name, outbound_secret) => {
  const { status, body } = await post({ ...ask, outbound_secret });
  expect([status, (body as Problem).errors?.[0]?.field]).toEqual([400, 'outbound_secret']);
  expect(JSON.stringify(body)).not.toContain('horse');
});

it('repeats no secret from a request it cannot read, or not place', async () => {
  const whole = JSON.stringify({ outbound_secret: GIVEN, ...ask });
  const at = whole.indexOf('horse');
  const bodies = [
    whole.slice(0, at + 5),
    whole.replace('"correct', 'correct'),
    whole.replace('horse', '\u0001horse'),
    `"${GIVEN}"`,
    `[${whole}]`,
  ];
  for (const body of [...bodies, { ...ask, secret: GIVEN }, { ...ask, url: { secret: GIVEN } }]) {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).not.toMatch(/correct|horse|staple/);
  }
});

it.each([
  ['http://lisbon.example', 'scheme', 'it begins with http: and has to begin with https:'],
  ['https://operator:hunter2@lisbon.example', 'userinfo', 'it carries a user name or a password'],
  ['https://lisbon.example#top', 'fragment', 'it carries a fragment (#)'],
  ['https://lisbon.example?token=hunter2', 'query', 'it carries a query (?)'],
  ['https://lisbon.example?', 'query', 'it carries a query (?)'],
  ['https://lisbon.example/cb', 'path', 'it has a path, and an instance answers at its origin, like https://lisbon.example'],
  ['https:\\\\lisbon.example\\cb/', 'path', 'it has a path, and an instance answers at its origin, like https://lisbon.example'],
  ['lisbon.example', 'not-a-url', 'it is not a URL with a host'],
  ['https://10.0.0.7', 'address', '10.0.0.7 is a private, local or reserved address'],
  ['https://0x7f.1:8443', 'address', '127.0.0.1 is a private, local or reserved address'],
  ['https://169.254.169.254/latest', 'address', '169.254.169.254 is a private, local or reserved address'],
])('refuses the URL %s and says what to do', async (url, denied, because) => {
  const { status, body } = await post({ ...ask, url });
  expect(status).toBe(422);
  expect(body).toMatchObject({
    code: 'federation.url-denied',
    facts: { denied, because },
    detail: `The URL of a peer may not be this one: ${because}.`,
  });
  expect((body as Problem).next).toMatch(/FEDERATION_ALLOW_CIDRS.*FEDERATION_ALLOW_LOOPBACK_HTTP/s);
  expect(JSON.stringify(body)).not.toContain('hunter2');
  expect([vault.made, log.facts]).toEqual([0, []]);
});

it.each([
  ['HTTPS://Lisbon.Example', 'https://lisbon.example'],
  ['https://lisbon.example/', 'https://lisbon.example'],
  ['https://lisbon.example:443/', 'https://lisbon.example'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ['https:\\\\lisbon.example\\', 'https://lisbon.example'],
  ['https://[2620:FE::FE]:8443', 'https://[2620:fe::fe]:8443'],
  ['https://my_host-1.example', 'https://my_host-1.example'],
])('writes the URL %s down as it will be read', async (url, written) => {
  expect(await post({ ...ask, url })).toMatchObject({ status: 202 });
  expect(registrations()).toMatchObject([{ url: written }]);
});

it.each([
  ['label', 'x'.repeat(101)],
  ['label', ''],
  ['remote_peer_id', 'inst.*'],
  ['url', `https://lisbon.example/${'x'.repeat(2048)}`],
  ['peer_id', 'peer-mine'],
  ['lifecycle', 'active'],
])('does not understand %s: %j', async (field, value) => {
  const answer = await post({ ...ask, [field]: value });
  expect(answer).toMatchObject({ status: 400, body: { code: 'http.invalid', errors: [{ field }] } });
});

describe('when the machines fail', () => {
  it.each([
    ['nobody could write', new AppendConflict('others kept writing')],
    ['the log is full', new AppendRejected(10077, 'maximum bytes exceeded')],
    ['the log does not answer', new LogUnavailable('silence')],
  ])('%s: leaves no secret', async (_name, error) => {
    log.before = () => Promise.reject(error);
    expect((await post(ask)).status).toBeGreaterThanOrEqual(400);
    expect([vault.made, vault.rows.size]).toEqual([1, 0]);
  });

  it.each([
    ['the outcome is unknown', new OutcomeUnknown('c1')],
    ['nobody foresaw it', new TypeError('undefined is not a function')],
  ])('%s: leaves the secret to the job', async (_name, error) => {
    log.after = () => Promise.reject(error);
    expect((await post(ask)).status).toBeGreaterThanOrEqual(400);
    expect(vault.rows.size).toBe(1);
  });

  it('the log does not show yet what was just written: takes no secret away', async () => {
    const read = log.read.bind(log);
    log.read = async ({ subjects, fold }) => fold(subjects.map(() => [])); // As a replica would that lacks it.
    expect(await post(ask, 'k1')).toMatchObject({ status: 503, body: { code: 'event-store.unavailable' } });
    log.read = read;
    expect(await post(ask, 'k1')).toMatchObject({ status: 202 });
    expect(registrations()).toMatchObject([{ secret_id: 'secret-1' }]);
    expect([...vault.rows.keys()]).toEqual(['secret-1']);
  });

  it('the secret cannot be kept: registers nobody, and says what to do', async () => {
    vault.failure = new DatabaseUnavailable('connect ECONNREFUSED');
    expect(await post({ ...ask, outbound_secret: GIVEN })).toMatchObject({
      status: 503,
      body: { code: 'federation.secrets-unavailable', next: expect.stringContaining('try again') },
    });
    expect(log.facts).toEqual([]);
  });
});

it('is described: what it takes, what it answers, and that the secret is written only', () => {
  const { paths, components } = SwaggerModule.createDocument(app.app, new DocumentBuilder().build());
  const operation = paths['/api/v1/infrastructure/peers']?.post;
  expect(JSON.stringify(operation?.requestBody)).toContain('"#/components/schemas/RegisterPeerBody"');
  expect(JSON.stringify(operation?.responses['202'])).toContain('"#/components/schemas/PeerAccepted"');
  expect(components?.schemas?.['RegisterPeerBody']).toMatchObject({
    required: ['remote_peer_id', 'label', 'url'],
    properties: { outbound_secret: { minLength: 24, maxLength: 512, writeOnly: true } },
  });
});
