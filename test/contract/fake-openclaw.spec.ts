import { once } from 'node:events';
import { WebSocket } from 'ws';
import { FakeGateway, type GatewayState } from '../fake-openclaw/fake-gateway.js';
import { METHODS, real } from '../fake-openclaw/frames.js';
import { PlainClient } from '../fake-openclaw/plain-client.js';

/** What stands in for a gateway says, word for word, what a real one said in the same place. */
let gateway: FakeGateway;
let url: string;
beforeEach(async () => {
  gateway = new FakeGateway();
  gateway.nowMs = () => 0;
  gateway.sockets.tokens = { right: [], paired: ['operator.read'] };
  url = await gateway.listen();
});
afterEach(() => gateway.close());

describe('over HTTP', () => {
  const SAID: readonly [string, GatewayState, string][] = [
    ['GET /healthz', 'local', '/healthz'],
    ['GET /healthz', 'draining', '/healthz'],
    ['GET /readyz local or bearer', 'local', '/readyz'],
    ['GET /readyz remote anonymous', 'remote', '/readyz'],
    ['GET /readyz starting', 'starting', '/readyz'],
    ['GET /startupz local or bearer', 'local', '/startupz'],
    ['GET /startupz remote anonymous', 'remote', '/startupz'],
    ['GET /startupz starting', 'starting', '/startupz'],
    ['GET /startupz draining (remote)', 'draining', '/startupz'],
    ['GET /readyz untrusted proxy header', 'behind an untrusted proxy', '/readyz'],
  ];

  it.each(SAID)('%s, %s', async (recorded, state, path) => {
    gateway.state = state;
    const response = await fetch(url + path);
    expect({ status: response.status, body: await response.json() }).toEqual(real.http[recorded]);
  });

  it('has a place for every answer that was recorded', () => {
    const recorded = Object.keys(real.http).filter((name) => name.startsWith('GET '));
    expect(new Set(SAID.map(([name]) => name))).toEqual(new Set(recorded));
  });

  it('draining takes no sockets', async () => {
    gateway.state = 'draining';
    const response = await new Promise<{ status: number | undefined; body: string }>((done, failed) => {
      new WebSocket(url.replace('http', 'ws')).once('unexpected-response', (_, answer) => {
        let body = '';
        answer
          .on('data', (part: Buffer) => (body += part.toString()))
          .on('end', () => done({ status: answer.statusCode, body }))
          .on('error', failed);
      });
    });
    expect(response).toEqual(real.http['WS upgrade draining']);
  });
});

const params = (change: object = {}): object => ({
  ...(real['connect.request.probe']!['params'] as object),
  auth: { token: 'right' },
  ...change,
});
const reads = { scopes: ['operator.read'], client: { id: 'gateway-client', mode: 'backend', version: '0.1.0', platform: 'linux' } };

describe('over WebSocket', () => {
  it('challenges, and takes the recorded request for a connection', async () => {
    const client = new PlainClient(url);
    const answer = await client.ask('connect', params());
    const challenge = real['connect.challenge']!;
    expect(client.heard[0]).toEqual({
      ...challenge,
      payload: { ...(challenge['payload'] as object), nonce: expect.any(String), ts: expect.any(Number) },
    });
    expect(answer).toMatchObject({ type: 'res', ok: true, payload: { ...real['hello-ok.payload'], auth: { scopes: [] } } });
  });

  const REFUSED: readonly [string, object, [number, string], Record<string, string>?][] = [
    ['AUTH_TOKEN_MISMATCH', { auth: { token: 'wrong' } }, [1008, 'unauthorized: gateway token mismatch (provide gateway auth token)']],
    ['DEVICE_IDENTITY_REQUIRED', { auth: {} }, [1008, 'device identity required']],
    ['AUTH_TOKEN_MISSING', { auth: {}, device: {} }, [1008, 'unauthorized: gateway token missing (provide gateway auth token)']],
    ['PROTOCOL_MISMATCH', { minProtocol: 5, maxProtocol: 6 }, [1002, 'protocol mismatch']],
    ['CONTROL_UI_ORIGIN_NOT_ALLOWED', {}, [1008, 'origin not allowed (…)'], { origin: 'http://evil.example' }],
    [
      'INVALID client id',
      { client: { id: 'edge', mode: 'probe', version: '1', platform: 'linux' } },
      [1008, 'invalid connect params: at /client/id: must be equal to one of the allowed values'],
    ],
  ];
  it.each(REFUSED)('refuses: %s', async (recorded, change, close, ...[headers]) => {
    const client = new PlainClient(url, headers);
    expect(await client.ask('connect', params(change))).toMatchObject({ ok: false, error: real.errors[recorded] });
    await client.until(() => client.closed !== null);
    expect(client.closed).toEqual(close);
  });

  it.each(Object.entries(real['connect.scopes'] as Record<string, { scopes: string[]; auth: object }>))(
    'grants as recorded: %s',
    async (_name, { scopes, auth }) => {
      const answer = await new PlainClient(url).ask('connect', params({ ...reads, auth: { token: 'paired' }, scopes }));
      expect(answer).toMatchObject({ ok: true, payload: { auth } });
    },
  );

  it('grants no more than the token is good for', async () => {
    const answer = await new PlainClient(url).ask('connect', params(reads));
    expect(answer).toMatchObject({ ok: true, payload: { auth: { scopes: [] } } });
  });

  it('locks an address after ten wrong tokens, for the right one too', async () => {
    for (let n = 0; n < 10; n++) await new PlainClient(url).ask('connect', params({ auth: { token: 'wrong' } }));
    expect(await new PlainClient(url).ask('connect', params())).toMatchObject({ ok: false, error: real.errors['AUTH_RATE_LIMITED'] });
  });

  it('says when it is starting, and closes 1013', async () => {
    gateway.state = 'starting';
    const client = new PlainClient(url);
    expect(await client.ask('connect', params())).toMatchObject({ ok: false, error: real.errors['STARTING'] });
    await client.until(() => client.closed !== null);
    expect(client.closed).toEqual([1013, 'gateway starting']);
  });

  it.each(Object.entries(METHODS))('answers %s as recorded, to whom it may', async (method, { scope, answer }) => {
    const [paired, anybody] = [new PlainClient(url), new PlainClient(url)];
    await paired.ask('connect', params({ ...reads, auth: { token: 'paired' } }));
    await anybody.ask('connect', params());
    expect(await paired.ask(method, {})).toMatchObject({ ok: true, payload: real[answer] });
    const refused = { ok: false, error: real.errors['MISSING_SCOPE'] };
    expect(await anybody.ask(method, {})).toMatchObject(scope === null ? { ok: true, payload: real[answer] } : refused);
    expect(await paired.ask(`${method}.more`, {})).toMatchObject({ ok: false, error: real.errors['UNKNOWN_METHOD'] });
  });

  it('ticks, and says goodbye before it restarts', async () => {
    const client = new PlainClient(url);
    await client.ask('connect', params());
    gateway.sockets.tick();
    gateway.sockets.restart();
    await client.until(() => client.closed !== null);
    expect(client.heard.slice(-2)).toEqual([{ ...real['event.tick'], payload: { ts: expect.any(Number) } }, real['event.shutdown']]);
    expect(client.closed).toEqual([1012, 'service restart']);
  });

  it('frozen takes the connection and says nothing, and lets go when it is closed', async () => {
    gateway.state = 'frozen';
    const socket = new WebSocket(url.replace('http', 'ws'));
    const ended = once(socket, 'error');
    await gateway.sockets.holding();
    await gateway.close();
    expect(String((await ended)[0])).toMatch(/socket hang up|ECONNRESET/);
    await gateway.listen();
  });
});
