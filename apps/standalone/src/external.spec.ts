import { type AddressInfo, type Server, createServer } from 'node:net';
import { once } from 'node:events';
import { startTestNats, testDatabase } from '@app/runtime/testing';
import { ConfigInvalid } from '@app/config';
import { assertDatabase, waitForNats } from './external.js';

const NEVER = new AbortController().signal;
const unsaid = (): never => {
  throw new Error('nothing was to be said');
};

/** Whoever connects is hung up on, after `words`. */
async function listening(words: string): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => undefined).end(words));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

async function closedPort(): Promise<number> {
  const { server, port } = await listening('');
  await once(server.close(), 'close');
  return port;
}

describe('a database that is named', () => {
  it('is good when it lets us in', async () => {
    const database = await testDatabase();
    await assertDatabase(database.url);
    await database.drop();
  });

  it('is named with its variable and without its password when nobody answers there', async () => {
    const port = await closedPort();
    const error = await assertDatabase(`postgres://u:hunter2@127.0.0.1:${port}/x?password=hunter2`).catch((error: unknown) => error);
    expect(error).toMatchObject({
      code: 'standalone.database-unusable',
      message: `PostgreSQL at postgres://127.0.0.1:${port}/x (DATABASE_URL) cannot be used: connect ECONNREFUSED 127.0.0.1:${port}.`,
      next: expect.stringContaining('correct DATABASE_URL'),
    });
  });

  it('is told of in the words of the server that does not let us in', async () => {
    const database = await testDatabase();
    const url = new URL(database.url);
    url.pathname = '/no_such_database';
    await expect(assertDatabase(url.href)).rejects.toMatchObject({
      code: 'standalone.database-unusable',
      message: expect.stringContaining('database "no_such_database" does not exist'),
    });
    await database.drop();
  });

  it('must be a URL, and is not repeated where it is none', async () => {
    await expect(assertDatabase('postgres://u:hunter2@h:port/x')).rejects.toThrow(ConfigInvalid);
  });
});

describe('a NATS that is named', () => {
  it('is not spoken of when it answers', async () => {
    const nats = await startTestNats({ users: true });
    await waitForNats(urlOf(nats.access), unsaid, NEVER);
    await nats.stop();
  });

  it('is waited for aloud, and refused by name after a bound', async () => {
    const port = await closedPort();
    const said: string[] = [];
    await expect(waitForNats(`nats://u:hunter2@127.0.0.1:${port}`, (words) => said.push(words), NEVER, 1)).rejects.toMatchObject({
      code: 'standalone.nats-unusable',
      message: expect.stringMatching(new RegExp(`^NATS at nats://127\\.0\\.0\\.1:${port} \\(NATS_URL\\) cannot be used: `)),
      next: expect.stringContaining('correct NATS_URL'),
    });
    expect(said.join()).not.toContain('hunter2');
  });

  it('is said to be waited for once, and the wait ends when the start is told to stop', async () => {
    const port = await closedPort();
    const stop = new AbortController();
    const said: string[] = [];
    const hear = (words: string): void => {
      said.push(words);
      stop.abort(new Error('told to stop'));
    };
    await expect(waitForNats(`nats://127.0.0.1:${port}`, hear, stop.signal)).rejects.toThrow('told to stop');
    expect(said).toEqual([`NATS at nats://127.0.0.1:${port} (NATS_URL) does not answer: waiting for it, 60 s at most ...`]);
  });

  it('is refused at once when it does not let us in', async () => {
    const nats = await startTestNats({ users: true });
    const { port } = new URL(nats.access.servers[0]!);
    await expect(waitForNats(`nats://nobody:wrong@127.0.0.1:${port}`, unsaid, NEVER)).rejects.toMatchObject({
      code: 'standalone.nats-unusable',
    });
    await nats.stop();
  });
});

const urlOf = ({ servers, user, pass }: { servers: readonly string[]; user?: string; pass?: string }): string =>
  servers[0]!.replace('://', `://${user}:${pass}@`);
