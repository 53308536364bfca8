import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type RequestListener, type Server, createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TestDir, testDir } from '@app/runtime/testing';
import { APPS, DOCKER, ROOT } from './compose.js';

let dir: TestDir;
const open: Server[] = [];
beforeEach(() => void (dir = testDir()));
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await dir.remove();
});

const run = promisify(execFile);
const node = async (program: string, env: Record<string, string>): Promise<{ code: number; said: string }> => {
  try {
    const { stdout } = await run(join(ROOT, 'node_modules/.bin/node'), [join(DOCKER, program)], { env: { TMPDIR: dir.path, ...env } });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
};

const listening = async (answer: RequestListener): Promise<string> => {
  const server = createServer(answer).listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  return String((server.address() as AddressInfo).port);
};

/** What each process says by /healthz when all is well. */
const well: RequestListener = ({ url }, response) => void response.writeHead(url === '/healthz' ? 200 : 404).end();

describe('of a process that listens', () => {
  it.each([
    ['api', 'API'],
    ['standalone', 'API'],
    ['federation', 'PUBLIC'],
    ['edge', 'PUBLIC'],
  ])('%s is asked where it says that it listens, on loopback when that is everywhere', async (APP, prefix) => {
    const port = await listening(well);
    for (const host of ['0.0.0.0', '127.0.0.1', ''])
      expect(await node('healthcheck.mjs', { APP, [`${prefix}_HOST`]: host, [`${prefix}_PORT`]: port })).toEqual({ code: 0, said: '' });
  });

  it.each<[string, RequestListener, RegExp]>([
    ['answers otherwise', (_request, response) => void response.writeHead(503).end(), /answers 503/],
    ['does not answer', () => undefined, /does not answer within 3000 ms/],
    ['hangs up', ({ socket }) => void socket.destroy(), /hang up/],
  ])('ill when it %s', async (_name, answer, why) => {
    expect(await node('healthcheck.mjs', { APP: 'api', API_PORT: await listening(answer) })).toEqual({
      code: 1,
      said: expect.stringMatching(why),
    });
  });

  it('speaks TLS to one that ends TLS itself', async () => {
    const TLS_HANDSHAKE = 22;
    const first: (number | undefined)[] = [];
    const server = createTcpServer((socket) => socket.once('data', (bytes) => (first.push(bytes[0]), socket.destroy()))).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const PUBLIC_PORT = String((server.address() as AddressInfo).port);
    expect(await node('healthcheck.mjs', { APP: 'edge', PUBLIC_PORT, PUBLIC_TLS_CERT_FILE: '/run/cert.pem' })).toMatchObject({ code: 1 });
    server.close();
    expect(first).toEqual([TLS_HANDSHAKE]);
  });
});

describe.each(['projector', 'prober', 'edge-agent'])('of %s, which does not listen', (APP) => {
  const liveness = (): string => join(dir.path, 'clawbutler-pulse');

  it('a fresh pulse is felt, an old one and none are not', async () => {
    expect(await node('healthcheck.mjs', { APP })).toEqual({ code: 1, said: 'it does not work yet, or not any more\n' });
    writeFileSync(liveness(), '');
    expect(await node('healthcheck.mjs', { APP })).toEqual({ code: 0, said: '' });
    const old = Date.now() / 1_000 - 20;
    utimesSync(liveness(), old, old);
    expect(await node('healthcheck.mjs', { APP })).toEqual({ code: 1, said: expect.stringMatching(/last pulse was 20 s ago/) });
  });
});

it('a set-up that runs is well', async () => {
  expect(await node('healthcheck.mjs', { APP: 'setup' })).toEqual({ code: 0, said: '' });
});

it.each(['healthcheck.mjs', 'main.mjs'])('%s says so when APP names no process', async (program) => {
  for (const APP of ['', 'toString', 'api/../setup'])
    expect(await node(program, { APP })).toMatchObject({ code: 1, said: expect.stringContaining('APP') });
});

it('every process has a way to say that it is well, but that which ends', () => {
  for (const [name, ways] of Object.entries(APPS)) expect([name, Object.keys(ways).length]).toEqual([name, name === 'setup' ? 0 : 1]);
});
