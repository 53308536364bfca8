import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeGateway } from '../../../test/fake-openclaw/fake-gateway.js';
import { nameOf } from './address.js';
import { Place, type RunningStatus, type Wish } from './control.js';
import { Miniature, Running } from './testing/miniature.js';
import { until } from './testing/fake-clock.js';
import { AGENT_ID, ScriptedServer } from './testing/scripted-server.js';

const JOIN_TOKEN = `cbj_${'t'.repeat(43)}`;
const GATEWAY_TOKEN = 'a-token-of-the-gateway';

let installation: Miniature;
let server: ScriptedServer;
let gateway: FakeGateway;
let dir: string;
let state: string;
beforeAll(async () => {
  installation = await Miniature.build();
});
afterAll(() => installation.close());
beforeEach(async () => {
  server = new ScriptedServer();
  gateway = new FakeGateway();
  gateway.sockets.tokens = { [GATEWAY_TOKEN]: [] };
  await Promise.all([server.listen(), gateway.listen()]);
  dir = await mkdtemp(join(tmpdir(), 'edge-agent-'));
  state = join(dir, 'state');
});
const running: Running[] = [];
let other: ChildProcess | undefined;
afterEach(async () => {
  other?.kill('SIGKILL');
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
  await Promise.all([server.close(), gateway.close()]);
  await rm(dir, { recursive: true, force: true });
});

function agent(argv: readonly string[], { stdin = '', env = {} }: { stdin?: string; env?: Record<string, string> } = {}): Running {
  const process = installation.start([...argv, '--state', state], env);
  running.push(process);
  process.child.stdin!.end(stdin);
  return process;
}
const joins = (...more: string[]) => agent(['join', '--server', server.url, ...more], { stdin: `${JOIN_TOKEN}\n` });
const statusOf = async (): Promise<RunningStatus> => {
  const status = agent(['status', '--json']);
  await status.ended;
  return JSON.parse(status.out) as RunningStatus;
};
const told = async (process: Running): Promise<string> => {
  const exit = await process.ended;
  return `${exit}: ${process.err}`;
};

describe('join', () => {
  it('redeems the token with a key that it made, and runs', async () => {
    const process = joins('--gateway', gateway.url);
    const connection = await server.connection();
    expect((await connection.next('report_full')).gateways).toMatchObject([{ state: 'ready', capability: 'http' }]);
    expect(server.joins.map(({ request }) => request)).toEqual([
      {
        token: JOIN_TOKEN,
        public_key: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
        hostname: expect.any(String),
        version: '0.1.0',
        os: expect.any(String),
        address: server.url,
      },
    ]);
    expect(process.err).toBe(
      `Joined ${server.url} as ${AGENT_ID}; its state is in ${state}.\nConnected to ${server.url} as ${AGENT_ID}.\n`,
    );
    process.child.kill('SIGTERM');
    expect(await process.ended).toBe(0);
    expect(connection.frames.at(-1)).toEqual({ type: 'goodbye', reason: 'stop', expected_back_s: null });
    expect(await connection.gone()).toMatchObject({ code: 1000 });
  });

  it('shows no secret among its arguments, in what it says and in what it keeps for all', async () => {
    const [tokenFile, gatewayFile] = [join(dir, 'join'), join(dir, 'gateway')];
    await writeFile(tokenFile, `${JOIN_TOKEN}\n`);
    await writeFile(gatewayFile, `${GATEWAY_TOKEN}\n`);
    const process = agent(['join', '--server', server.url, '--gateway', gateway.url, '--gateway-token-file', gatewayFile], {
      env: { CB_JOIN_TOKEN_FILE: tokenFile },
    });
    const connection = await server.connection();
    expect((await connection.next('report_full')).gateways).toMatchObject([{ capability: 'probe' }]);
    const seen = [process.out, process.err, await readFile(`/proc/${process.child.pid}/cmdline`, 'utf8')];
    for (const file of await readdir(state)) if (/^agent\.json$|^outbox/.test(file)) seen.push(await readFile(join(state, file), 'utf8'));
    expect(seen.join('\n')).not.toMatch(new RegExp(`${JOIN_TOKEN}|${GATEWAY_TOKEN}|PRIVATE KEY`));
    expect(server.texts.join('\n')).not.toContain(GATEWAY_TOKEN);
    for (const file of await readdir(state)) expect(await readFile(join(state, file), 'utf8').catch(() => '')).not.toContain(JOIN_TOKEN);
  });

  it('goes on with the same key when the answer was lost', async () => {
    server.joinAnswer = { status: 502, body: {} };
    expect(await told(joins())).toBe(
      `1: edge-agent: ${server.url} does not answer a join as this system does (502) (agent.not-an-answer)\n` +
        'next: see that --server is the public address of a ClawButler instance\n',
    );
    const pem = await readFile(join(state, 'agent-key.pem'), 'utf8');
    server.joinAnswer = null;
    joins();
    await server.connection();
    expect(await readFile(join(state, 'agent-key.pem'), 'utf8')).toBe(pem);
  });

  it('says why the server refuses, in words a terminal can show', async () => {
    server.joinAnswer = {
      status: 401,
      body: { code: 'edge.token-invalid', detail: 'This join token is good\u001b[31m for nothing.', next: 'Make another.' },
    };
    expect(await told(joins())).toBe('5: edge-agent: This join token is good [31m for nothing (agent.join-refused)\nnext: Make another\n');
  });

  it('says that the address is that of the API, and which to use', async () => {
    const api = createServer((request, response) => {
      const isReady = request.url === '/readyz';
      const problem = { code: 'http.404', detail: 'Cannot POST /edge/v1/join', next: 'Look.' };
      const body = isReady ? { status: 'ready', failing: [], event_loop_ms: 1 } : problem;
      response.writeHead(isReady ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    expect(await told(agent(['join', '--server', url], { stdin: JOIN_TOKEN }))).toMatch(
      /^1: edge-agent: \S+ is the API of a ClawButler instance, and agents join at its public address \(agent\.wrong-port\)\nnext: use the address that .* PUBLIC_URL, or port 4601/,
    );
    api.closeAllConnections();
    await new Promise((resolve) => api.close(resolve));
  });

  it('says when nobody listens', async () => {
    const { url } = server;
    await server.close();
    expect(await told(agent(['join', '--server', url], { stdin: JOIN_TOKEN }))).toMatch(
      /^6: edge-agent: \S+ cannot be reached: .*ECONNREFUSED.* \(agent\.unreachable\)\nnext: /,
    );
    await server.listen();
  });

  it.each([
    ['plain http to another machine', ['--server', 'http://claw.example'], /^2: .*everything would travel in clear.* \(agent\.insecure\)/],
    [
      'a gateway in clear',
      ['--server', 'https://claw.example', '--gateway', 'http://10.0.0.7:18789'],
      /^2: .*--gateway is http:\/\/10\.0\.0\.7:18789, .*\(agent\.insecure\)/,
    ],
    ['a name that only begins like this machine', ['--server', 'http://127.0.0.1.evil.example'], /\(agent\.insecure\)/],
    [
      'a gateway of which the server would not take the name',
      ['--server', 'https://claw.example', '--gateway', `https://claw.example/${'p'.repeat(128)}`],
      /^2: .*more than 128 characters.*\(agent\.usage\)\nnext: give it a shorter address/,
    ],
    [
      'more gateways than the server takes',
      ['--server', 'https://claw.example', ...Array.from({ length: 33 }, (_, n) => ['--gateway', `http://127.0.0.1:${n + 1}`]).flat()],
      /^2: .*33 gateways.* 32 .*\(agent\.usage\)\nnext: .*--state/,
    ],
    ['ws', ['--server', 'ws://127.0.0.1:1'], /^2: .*--server is not an http or https address/],
    ['credentials', ['--server', 'https://ada:hunter22@claw.example'], /^2: (?!.*hunter22).*--server holds credentials/s],
    [
      'a token as an argument',
      ['--server', 'https://claw.example', `--token=${JOIN_TOKEN}`],
      /^2: (?!.*cbj_).*unknown option.*\(agent\.usage\)/s,
    ],
    ['no server', [], /^2: .*--server.*\(agent\.usage\)\nnext: see what it takes: edge-agent --help/],
  ])('refuses %s', async (_what, argv, words) => {
    expect(await told(agent(['join', ...argv], { stdin: JOIN_TOKEN }))).toMatch(words);
    expect(server.joins).toEqual([]);
  });

  it('refuses nothing on standard input, and a directory that is taken', async () => {
    expect(await told(agent(['join', '--server', server.url]))).toMatch(/^2: .*What was given is not a join token/);
    await stopped(joins());
    expect(await told(joins())).toMatch(new RegExp(`^2: .*holds the agent ${AGENT_ID} already`));
    expect(server.joins).toHaveLength(1);
  });

  it('refuses a directory where another joins at this moment', async () => {
    const first = installation.start(['join', '--server', server.url, '--state', state]);
    running.push(first);
    await until('it waits for its token', () => existsSync(join(state, 'run')));
    expect(await told(joins())).toMatch(/^1: .*works on .* already \(agent\.runs-already\)/);
    first.child.stdin!.end(JOIN_TOKEN);
    await first.says('Connected to');
    expect(server.joins).toHaveLength(1);
  });

  it('keeps no half of a file that the disk does not take whole, and spends no token', async () => {
    const gateways = Array.from({ length: 30 }, (_, n) => ['--gateway', `http://gateway-${n}.localhost:18789`]).flat();
    const main = join(installation.root, 'dist/apps/edge-agent/src/main.js');
    const argv = [process.execPath, main, 'join', '--server', server.url, '--state', state, ...gateways];
    const limited = new Running(spawn('sh', ['-c', 'ulimit -f 1; exec "$@"', 'sh', ...argv], { env: { PATH: '/usr/bin:/bin' } }));
    running.push(limited);
    limited.child.stdin!.end(JOIN_TOKEN);
    expect(await told(limited)).toMatch(/^1: .*cannot be written: EFBIG.*\(agent\.state-unwritable\)/);
    expect([await readdir(state), server.joins]).toEqual([[], []]);
  });

  it('refuses a directory that cannot be written, before it spends the token', async () => {
    await writeFile(join(dir, 'file'), '');
    const process = installation.start(['join', '--server', server.url, '--state', join(dir, 'file/state')]);
    running.push(process);
    process.child.stdin!.end(JOIN_TOKEN);
    expect(await told(process)).toMatch(/^1: .*cannot be written.*\(agent\.state-unwritable\)/);
    expect(server.joins).toEqual([]);
  });
});

async function stopped(process: Running): Promise<Running> {
  await process.says('Connected to');
  process.child.kill('SIGTERM');
  await process.ended;
  return process;
}

describe('server', () => {
  const alias = (): string => server.url.replace('127.0.0.1', 'localhost');

  it('moves the agent that runs to another address which its server takes', async () => {
    server.aliases.add(alias());
    const process = joins();
    await process.says('Connected to');
    expect(await told(agent(['server', alias().replace('http://localhost', 'HTTP://LOCALHOST')]))).toBe(
      `0: The agent ${AGENT_ID} asks ${alias()} from now on.\nThe agent starts again with it.\n`,
    );
    await process.says(`Connected to ${alias()}`);
    const hello = await (await server.connection(3)).next('hello');
    expect(hello.address).toBe(alias());
    expect(JSON.parse(await readFile(join(state, 'agent.json'), 'utf8'))).toMatchObject({ agent_id: AGENT_ID, server: alias() });
  });

  it('leaves the agent where it is when the other address does not take it', async () => {
    await stopped(joins());
    server.refuse = { reason: 'unauthorised', why: { cause: 'wrong_address', address: 'https://claw.example' } };
    expect(await told(agent(['server', alias()]))).toBe(
      '5: edge-agent: The agent stays with ' +
        `${server.url}, since ${alias()} does not take it: The server does not accept the signature of this agent (agent.server-refused)\n` +
        'next: see that this is the server the agent joined; or join again: edge-agent leave, then edge-agent join\n',
    );
    server.aliases.add(alias());
    expect(await told(agent(['server', alias()]))).toMatch(
      /does not take it: The server has another address .* \(agent\.server-refused\)\nnext: .*edge-agent server https:\/\/claw\.example\n$/,
    );
    expect(JSON.parse(await readFile(join(state, 'agent.json'), 'utf8'))).toMatchObject({ server: server.url });
  });

  it('refuses an address where everything would travel in clear', async () => {
    await stopped(joins());
    expect(await told(agent(['server', 'http://claw.example']))).toMatch(/^2: .*\(agent\.insecure\)/);
  });
});

describe('run', () => {
  it('goes on as who joined', async () => {
    await stopped(joins('--gateway', gateway.url));
    agent(['run']);
    const connection = await server.connection(2);
    expect(await connection.next('hello')).toMatchObject({ agent_id: AGENT_ID });
    expect((await connection.next('report_full')).gateways).toHaveLength(1);
  });

  it('says what to do where nobody joined', async () => {
    expect(await told(agent(['run']))).toBe(
      `2: edge-agent: ${state} holds no agent (agent.not-joined)\nnext: join first: edge-agent join --server <url>; or name its directory by --state\n`,
    );
  });

  it('runs once for a directory, also after a process that was killed', async () => {
    const first = joins();
    await first.says('Connected to');
    expect(await told(agent(['run']))).toMatch(new RegExp(`^1: .*runs already, as process ${first.child.pid} \\(agent\\.runs-already\\)`));
    first.child.kill('SIGKILL');
    await first.ended;
    await agent(['run']).says('Connected to');
  });

  it('runs once for a directory, also beside an agent that does not answer', async () => {
    const first = joins();
    await first.says('Connected to');
    first.child.kill('SIGSTOP');
    expect(await told(agent(['run']))).toMatch(/^1: .*works on .* already \(agent\.runs-already\)/);
    expect(await told(agent(['status']))).toMatch(/^1: .*does not answer \(agent\.silent\)/);
    first.child.kill('SIGCONT');
    await (await server.connection()).heard();
    expect(await agent(['status']).ended).toBe(0);
  });

  it('starts again at SIGHUP in the same process, and says when it is back', async () => {
    const process = joins();
    const connection = await server.connection();
    await connection.next('report_full');
    process.child.kill('SIGHUP');
    const again = await server.connection(2);
    const [before, after] = [await connection.next('hello'), await again.next('hello')];
    expect(connection.frames.at(-1)).toEqual({ type: 'goodbye', reason: 'restart', expected_back_s: 10 });
    expect(after.boot_id).not.toBe(before.boot_id);
    expect(after.started_at).toBe(before.started_at);
    process.child.kill('SIGTERM');
    expect(await process.ended).toBe(0);
  });

  it('ends when the program that started it is gone', async () => {
    const process = await stopped(joins()).then(() => installation.start(['run', '--state', state], {}, ['ipc']));
    running.push(process);
    await process.says('Connected to');
    process.child.disconnect();
    expect(await process.ended).toBe(0);
  });

  it('warns when others may read its key', async () => {
    await stopped(joins());
    await chmod(join(state, 'agent-key.pem'), 0o644);
    const process = agent(['run']);
    await process.says('Connected to');
    expect(process.err).toContain(`Others on this machine may read ${join(state, 'agent-key.pem')}; chmod 600 it.\n`);
  });

  it('says when its key cannot be read', async () => {
    await stopped(joins());
    await writeFile(join(state, 'agent-key.pem'), 'no key');
    expect(await told(agent(['run']))).toMatch(/^1: .*agent-key\.pem cannot be read.*\(agent\.state-unreadable\)\nnext: put a copy of it/);
  });

  it('makes no new key when its own is lost, and can still leave', async () => {
    await stopped(joins());
    await rm(join(state, 'agent-key.pem'));
    expect(await told(agent(['run']))).toMatch(
      /^1: .*agent-key\.pem, is not there \(agent\.key-lost\)\nnext: put a copy of it .*edge-agent leave/,
    );
    expect(existsSync(join(state, 'agent-key.pem'))).toBe(false);
    expect(await told(agent(['leave']))).toMatch(/^0: .*is not there\.\nLeft .*\nThe server could not be told\./);
    expect(server.connections).toHaveLength(1);
  });
});

describe('beside a running agent', () => {
  it('pins the key of the server at the join, and another one for who names its fingerprint', async () => {
    const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)].map((bytes) => bytes.toString('base64url')) as [string, string];
    const pinned = async (): Promise<string> =>
      (JSON.parse(await readFile(join(state, 'instance-key.json'), 'utf8')) as { public_key: string }).public_key;
    server.instanceKey = first;
    joins();
    await (await server.connection()).next('report_full');
    expect(await pinned()).toBe(first);
    server.instanceKey = second;
    expect(await agent(['restart']).ended).toBe(0);
    await (await server.connection(2)).next('report_full');
    const { server_key } = await statusOf();
    expect(server_key).toMatchObject({ public_key: second, sentence: expect.stringContaining('edge-agent pin ') });
    expect(await told(agent(['pin', server_key?.pinned ?? '']))).toMatch(/^5: .*shows the instance key .*\(agent\.key-differs\)/);
    expect(await pinned()).toBe(first);
    expect(await told(agent(['pin', server_key?.shown ?? '']))).toMatch(/^0: .*knows its server by the key/);
    expect(await pinned()).toBe(second);
    expect((await statusOf()).server_key?.sentence).toBeNull();
  });

  it('status says how it is', async () => {
    const process = joins('--gateway', gateway.url);
    await (await server.connection()).next('report_full');
    const status = agent(['status', '--json']);
    expect(await status.ended).toBe(0);
    expect(JSON.parse(status.out)).toMatchObject({
      pid: process.child.pid,
      agent_id: AGENT_ID,
      tunnel: 'connected',
      outbox: { dropped: 0 },
      gateways: [{ state: 'ready' }],
    });
    server.refuse = { reason: 'revoked' };
    server.connections[0]!.close('revoked');
    await process.says('Trying again');
    const later = agent(['status']);
    expect(await later.ended).toBe(6);
    expect(later.out).toMatch(/^tunnel {3}waiting since .*\n {9}This agent was revoked\.\n {9}next attempt at /m);
    process.child.kill('SIGTERM');
    await process.ended;
    expect(await told(agent(['status']))).toMatch(/^1: .*does not run \(agent\.not-running\)\nnext: run it: edge-agent run --state /);
  });

  it('gateway-token gives it a token that it uses at once', async () => {
    joins('--gateway', gateway.url);
    expect((await (await server.connection()).next('report_full')).gateways).toMatchObject([{ capability: 'http' }]);
    expect(await told(agent(['gateway-token'], { stdin: GATEWAY_TOKEN }))).toBe(
      `0: The token of ${nameOf(gateway.url)} is kept.\nThe agent starts again with it.\n`,
    );
    expect((await (await server.connection(2)).next('report_full')).gateways).toMatchObject([{ capability: 'probe' }]);
    expect(await told(agent(['gateway-token', '--gateway', 'other'], { stdin: GATEWAY_TOKEN }))).toMatch(/^2: .*watches no gateway other/);
  });

  it('restart starts it again', async () => {
    const process = joins();
    await process.says('Connected to');
    expect(await told(agent(['restart']))).toBe(`0: The agent ${AGENT_ID} starts again.\n`);
    await server.connection(2);
  });

  it('says its wish to the agent, and signals no process, which may be another in its container', async () => {
    await stopped(joins('--gateway', gateway.url));
    other = spawn('sleep', ['600']);
    const place = await Place.take(join(state, 'run'));
    const wishes: Wish[] = [];
    place.answer = (wish) => {
      wishes.push(wish);
      if (wish === 'stop') void place.release();
      return { pid: other!.pid!, agent_id: AGENT_ID } as RunningStatus;
    };
    for (const command of ['restart', 'gateway-token', 'leave'])
      expect(await told(agent([command], { stdin: GATEWAY_TOKEN }))).toMatch(/^0: /);
    expect([wishes, other.signalCode]).toEqual([['restart', 'restart', 'stop'], null]);
  });

  it('leave stops it, says goodbye for good and removes what it kept', async () => {
    const process = joins();
    await process.says('Connected to');
    expect(await told(agent(['leave']))).toBe(
      `0: Left ${server.url}; the key of ${AGENT_ID} is gone from ${state}.\n` +
        `next: revoke it there, so that no copy of the key is good for anything: ap infrastructure edge revoke ${AGENT_ID}\n`,
    );
    expect(await process.ended).toBe(0);
    expect((await server.connection(2)).frames.at(-1)).toEqual({ type: 'goodbye', reason: 'leave', expected_back_s: null });
    expect(existsSync(state)).toBe(false);
  });

  it('leave goes without a server, too', async () => {
    await stopped(joins());
    await server.close();
    const leave = agent(['leave']);
    expect(await leave.ended).toBe(0);
    expect(leave.err).toContain('The server could not be told.\n');
    expect(existsSync(state)).toBe(false);
    await server.listen();
  });
});

it('says in its help what signals do', async () => {
  const process = installation.start(['--help']);
  running.push(process);
  expect(await process.ended).toBe(0);
  expect(process.out).toMatch(/SIGINT, SIGTERM, and SIGHUP of a terminal that is closed: say goodbye and end/);
});

it('keeps its state where the environment says', async () => {
  const process = installation.start(['run'], { XDG_STATE_HOME: dir });
  running.push(process);
  expect(await told(process)).toContain(`${join(dir, 'clawbutler-edge-agent')} holds no agent`);
});
