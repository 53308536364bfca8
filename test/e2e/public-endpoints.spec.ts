import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { type System, dataDir, startSystem } from './system.js';

const data = dataDir();
let system: System;
beforeAll(async () => void (system = await startSystem({ dataDir: data.path, env: { LOG_LEVEL: 'debug' } })), 120_000);
afterAll(async () => {
  await system.stop();
  await data.remove();
}, 60_000);

const anybody = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  system.call(method, path, body, headers);
const peer = { remote_peer_id: 'inst-door', label: 'Door', url: 'https://door.example' };

describe('without a token', () => {
  it('nothing that is described answers, but health and login', async () => {
    const { body } = await system.get('/openapi.json');
    const open: string[] = [];
    for (const [path, operations] of Object.entries<Record<string, unknown>>(body.paths)) {
      for (const method of Object.keys(operations)) {
        const { status } = await anybody(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x'), method === 'get' ? undefined : {});
        if (status !== 401) open.push(`${method} ${path}`);
      }
    }
    // A login without a code is not understood, which is an answer.
    expect(open.toSorted()).toEqual(['get /healthz', 'get /readyz', 'post /api/v1/infrastructure/session']);
  });

  it('nor what is not described', async () => {
    expect((await anybody('GET', '/openapi.json')).status).toBe(401);
    for (const path of ['/metrics', '/api', '/api/v1/infrastructure', '/api/v1/infrastructure/nothing', '/.env', '/..%2f..%2fpackage.json'])
      expect([path, (await anybody('GET', path)).status]).toEqual([path, 404]);
  });

  it.each([
    ['a wrong token', { authorization: 'Bearer cb_srv_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
    ['no scheme', { authorization: 'cb_srv_x' }],
    ['an invented session', { cookie: 'cb_session_x=cb_ses_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
  ])('%s is no better', async (_name, headers) => {
    const { status, body } = await anybody('GET', 'peers', undefined, headers);
    expect([status, body.code, typeof body.next]).toEqual([401, 'access.login-needed', 'string']);
  });
});

describe('of what the page of another site has a browser send', () => {
  /** fetch() says by itself how it asks. */
  const sent = async (path: string, headers: Record<string, string>): Promise<number> => {
    const asked = request(new URL(path, system.origin), { headers }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode ?? 0;
  };
  const crossSite = { 'sec-fetch-site': 'cross-site' };
  const link = { ...crossSite, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

  it('a link that leads to the page opens it', async () => {
    for (const path of ['/infrastructure', '/infrastructure/peers/x', '/login'])
      expect([path, await sent(path, link)]).toEqual([path, 200]);
    expect(await sent('/', link)).toBe(302);
  });

  it('nothing else is answered, signed in or not', async () => {
    const token = { authorization: `Bearer ${system.token}` };
    for (const path of ['/api/v1/infrastructure/peers', '/openapi.json', '/nowhere'])
      for (const headers of [link, { ...link, ...token }, { ...crossSite, ...token }])
        expect([path, await sent(path, headers)]).toEqual([path, 403]);
    expect(await sent('/login', { ...crossSite, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' })).toBe(403);
  });

  it('a name of that site that leads here is not known', async () => {
    for (const path of ['/infrastructure', '/api/v1/infrastructure/peers', '/openapi.json'])
      expect([path, await sent(path, { host: 'rebound.example' })]).toEqual([path, 421]);
    expect(await sent('/readyz', { host: 'rebound.example' })).toBe(200);
  });
});

it('a viewer looks and does not touch', async () => {
  const issued = await system.call('POST', 'tokens', { name: 'viewer', role: 'viewer', expires_in_days: 1 });
  const viewer = { authorization: `Bearer ${issued.body.token}` };
  expect((await anybody('GET', 'peers', undefined, viewer)).status).toBe(200);
  expect(await anybody('POST', 'peers', peer, viewer)).toMatchObject({ status: 403, body: { code: 'access.denied' } });
  expect(await anybody('GET', 'tokens', undefined, viewer)).toMatchObject({ status: 403, body: { code: 'access.denied' } });
  await system.call('POST', `tokens/${issued.body.token_id}/revoke`);
  expect((await anybody('GET', 'peers', undefined, viewer)).status).toBe(401);
});

it('who listens is let go when the token is revoked', async () => {
  const issued = await system.call('POST', 'tokens', { name: 'listener', role: 'viewer', expires_in_days: 1 });
  const listening = await fetch(`${system.origin}/api/v1/infrastructure/stream`, {
    headers: { authorization: `Bearer ${issued.body.token}` },
  });
  expect(listening.status).toBe(200);
  await system.call('POST', `tokens/${issued.body.token_id}/revoke`, {});
  expect(await listening.text()).toContain('event: hello'); // Resolves when the stream has ended.
}, 40_000);

describe('bad input is named, with a code and what to do, and leaves nothing behind', () => {
  const ok = { ...peer, remote_peer_id: 'inst-bad' };
  it.each([
    ['malformed JSON', '{"label":', 400, 'http.400'],
    ['an unknown field', { ...ok, force: true }, 400, 'http.invalid'],
    ['a missing field', { label: 'x' }, 400, 'http.invalid'],
    ['a weak secret', { ...ok, outbound_secret: 'hunter2' }, 422, 'federation.secret-weak'],
    ['an oversized body', { ...ok, label: 'x'.repeat(300_000) }, 413, 'http.413'],
    ['a private address', { ...ok, url: 'https://10.0.0.1' }, 422, 'federation.url-denied'],
    ['a metadata address in hexadecimal', { ...ok, url: 'https://0xa9fea9fe' }, 422, 'federation.url-denied'],
    ['plain http', { ...ok, url: 'http://peer.example' }, 422, 'federation.url-denied'],
  ])('%s', async (_name, body, status, code) => {
    const answer = await system.call('POST', 'peers', body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body.next).toEqual(expect.stringMatching(/\S/));
    expect(answer.text).not.toMatch(/\n +at |node_modules|hunter2/);
    expect((await system.get('peers?q=inst-bad')).body.data).toEqual([]);
  });

  it.each([
    ['GET', 'peers/nobody', 404, 'federation.peer-unknown'],
    ['POST', 'peers/nobody/resume', 404, 'federation.peer-unknown'],
    ['GET', 'services/nothing', 404, 'services.component-unknown'],
    ['GET', 'peers?limit=9000', 400, 'http.invalid'],
    ['GET', 'peers?after=tomorrow', 400, 'http.invalid'],
    ['GET', 'peers?after=f999999', 503, 'read.behind'],
  ])('%s %s', async (method, path, status, code) => {
    const { body, ...answer } = await system.call(method, path, method === 'POST' ? {} : undefined);
    expect([answer.status, body.code, body.next === undefined]).toEqual([status, code, false]);
  });
});

it('the same request sent twice with one key is one peer', async () => {
  const headers = { authorization: `Bearer ${system.token}`, 'idempotency-key': 'add-door-once' };
  const body = { ...peer, outbound_secret: 'the same secret both times, please' };
  const [first, second] = [await system.call('POST', 'peers', body, headers), await system.call('POST', 'peers', body, headers)];
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.body).toEqual(first.body);
  expect((await system.get(`peers?q=inst-door&after=${first.body.position}`)).body.data).toHaveLength(1);
});

describe('a secret given to Add Peer', () => {
  const secret = 'correct-horse-battery-staple-4600';
  const forms = [
    secret,
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
    Buffer.from(secret).toString('hex'),
  ];
  const holds = (text: string): string[] => forms.filter((form) => text.includes(form));

  it('is found in no event, log, answer, process list, file or table', async () => {
    const body = { remote_peer_id: 'inst-secret', label: 'Secret', url: 'https://secret.example', outbound_secret: secret };
    const added = await system.call('POST', 'peers', body);
    const refused = await system.call('POST', 'peers', body); // Registered already: no answer quotes what was sent.
    const invalid = await system.call('POST', 'peers', { ...body, label: 7 });
    expect([added.status, refused.status, invalid.status]).toEqual([202, 409, 400]);
    const read = await system.get(`peers/${added.body.peer_id}?after=${added.body.position}`);
    expect(read.status).toBe(200);
    for (const answer of [added, refused, invalid, read, await system.get('events?limit=200')]) expect(holds(answer.text)).toEqual([]);
    expect(holds(system.printed())).toEqual([]);
    expect(holds((await promisify(execFile)('ps', ['axeww'], { maxBuffer: 64 << 20 })).stdout)).toEqual([]);
    expect(holds(await everyEvent())).toEqual([]);
    expect(holds(await everyTable())).toEqual([]);
    for (const file of logsBelow(data.path)) expect([file, holds(readFileSync(file, 'latin1'))]).toEqual([file, []]);
  });

  it('and is there, sealed, for who holds the key', async () => {
    expect(await everyTable()).toContain('v1.');
  });
});

async function everyEvent(): Promise<string> {
  const nc = await system.nats();
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const texts: string[] = [];
  for (const stream of ['FACTS', 'TELEMETRY']) {
    const { state } = await jsm.streams.info(stream);
    expect(state.messages).toBeGreaterThan(0);
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await jsm.direct.getMessage(stream, { seq });
      texts.push([...(message?.header ?? [])].flat(2).join(' '), message?.string() ?? '');
    }
  }
  await nc.close();
  return texts.join('\n');
}

async function everyTable(): Promise<string> {
  const { databaseUrl } = JSON.parse(readFileSync(join(data.path, 'run.json'), 'utf8')) as { databaseUrl: string };
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  const { rows } = await db.query<{ name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  );
  expect(rows.map(({ name }) => name)).toContain('private.peer_secret');
  const texts: string[] = [];
  for (const { name } of rows) texts.push(JSON.stringify((await db.query(`SELECT * FROM ${name}`)).rows));
  await db.end();
  return texts.join('\n');
}

const logsBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /log$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
