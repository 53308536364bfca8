import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { testDir } from '@app/runtime/testing';
import { FakeGateway } from '../fake-openclaw/fake-gateway.js';
import { runOnHost } from './host-commands.js';
import { type Answered, type System, dataDir, freePort, launch, newLoginLink, startSystem, until } from './system.js';

const ROOT = join(import.meta.dirname, '../..');
const WAIT_MS = 60_000;
/** All peers fit one page of the API. */
const PEERS_OF_A_WRITER = 40;
/** All writers stay below the requests that an address has a minute. */
const WRITES_OF_A_WRITER = 200;

interface PeerState {
  readonly label: string;
  readonly lifecycle: 'pending' | 'suspended' | 'removed';
}

/** What the system acknowledged of one peer, in order, kept outside the system. */
interface Acknowledged {
  readonly peerId: string;
  readonly states: PeerState[];
  /** How many of `states` were acknowledged before the backup was asked for. */
  before: number;
}

const journal = new Map<string, Acknowledged>();
const [source, target, dir] = [dataDir(), dataDir(), testDir()];
const backup = join(dir.path, 'backup');
const gateway = new FakeGateway();
let system: System;
let restored: Awaited<ReturnType<typeof launch>>;
let instance = '';
let agent: ChildProcess;

/** Of before the backup: what it saves. */
const saved = { token: '', tokenId: '', cookie: '', csrf: '', code: '', joinToken: '', agentId: '', ruleId: '', position: '' };
/** Of after the backup: what it does not know. */
const lost = { tokenId: '', token: '', position: '' };

const ok = ({ status, body, text }: Answered): any => {
  if (status !== 202) throw new Error(`${status} ${text}`);
  return body;
};
const codeOf = ({ status, body }: Answered): [number, string | undefined] => [status, body?.code];
const codeIn = (link: string): string => new URL(link).hash.slice('#code='.length);

/** Sends one command about a peer, and notes what was acknowledged. */
async function note(remote: string, to: PeerState, send: () => Promise<Answered>): Promise<string> {
  const { peer_id, position } = ok(await send());
  const known = journal.get(remote);
  if (known === undefined) journal.set(remote, { peerId: peer_id, states: [to], before: 0 });
  else known.states.push(to);
  return position;
}
const register = (remote: string, label = remote): Promise<string> =>
  note(remote, { label, lifecycle: 'pending' }, () =>
    system.call('POST', 'peers', { remote_peer_id: remote, label, url: `https://${remote}.example` }),
  );
const pathOf = (remote: string): string => `peers/${journal.get(remote)?.peerId ?? ''}`;
const rename = (remote: string, label: string): Promise<string> =>
  note(remote, { label, lifecycle: 'pending' }, () => system.call('PATCH', pathOf(remote), { label }));
const suspend = (remote: string): Promise<string> =>
  note(remote, { label: remote, lifecycle: 'suspended' }, () =>
    system.call('POST', `${pathOf(remote)}/suspend`, { note: '', until: null }),
  );
const remove = (remote: string): Promise<string> =>
  note(remote, { label: remote, lifecycle: 'removed' }, () => system.call('DELETE', pathOf(remote)));

function edgeAgent(publicUrl: string, state: string, token: string): { child: ChildProcess; exited: Promise<number | null> } {
  const args = ['join', '--server', publicUrl, '--gateway', gateway.url, '--state', join(dir.path, state)];
  const child = spawn(join(ROOT, 'node_modules/.bin/node'), [join(ROOT, 'dist/apps/edge-agent/src/main.js'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: dir.path },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin?.end(token);
  return { child, exited: once(child, 'exit').then(([code]) => code as number | null) };
}

async function writeBefore(): Promise<void> {
  for (const remote of ['inst-a', 'inst-b', 'inst-c', 'inst-d']) await register(remote);
  await rename('inst-a', 'renamed');
  await suspend('inst-b');
  await remove('inst-c');
  const decider = { direction: 'out', peer_id: null, agent: 'planner', method_class: null, action: 'allow', target_url: null, note: '', before: null }; // prettier-ignore
  saved.ruleId = ok(await system.call('POST', 'routes', decider)).rule_id;
  const token = ok(await system.call('POST', 'tokens', { name: 'of before', role: 'operator', expires_in_days: 1 }));
  [saved.token, saved.tokenId] = [token.token, token.token_id];
  const session = await system.call('POST', 'session', { code: codeIn(await newLoginLink(source.path)) }, {});
  [saved.cookie, saved.csrf] = [session.headers.get('set-cookie')?.split(';')[0] ?? '', session.body.csrf_token];
  const joining = ok(await system.call('POST', 'edge-agents/enroll', { label: 'berlin' }));
  ({ child: agent } = edgeAgent(system.publicUrl, 'agent', joining.join_token));
  const { body } = await until(() => system.get('edge-agents'), (answer) => answer.body.data?.length === 1, WAIT_MS, 'the agent joined'); // prettier-ignore
  saved.agentId = body.data[0].agent_id;
  saved.joinToken = ok(await system.call('POST', 'edge-agents/enroll', { label: 'unused' })).join_token;
  saved.code = codeIn(await newLoginLink(source.path));
  saved.position = ok(await system.call('POST', `${pathOf('inst-d')}/suspend`, { note: '', until: null })).position;
  journal.get('inst-d')?.states.push({ label: 'inst-d', lifecycle: 'suspended' });
}

/** Backs up while peers are registered and renamed. */
async function backUpUnderWrites(): Promise<void> {
  for (const one of journal.values()) one.before = one.states.length;
  let isOver = false;
  const writing = [1, 2, 3].map(async (writer) => {
    for (let n = 1; !isOver && n <= WRITES_OF_A_WRITER; n++) {
      const remote = `inst-${writer}-${n % PEERS_OF_A_WRITER}`;
      if (!journal.has(remote)) await register(remote);
      await rename(remote, `renamed ${n}`);
    }
  });
  const { code, printed } = await runOnHost('backup', [backup, '--with-key'], { DATA_DIR: source.path });
  isOver = true;
  await Promise.all(writing);
  if (code !== 0) throw new Error(printed);
}

async function writeAfter(): Promise<void> {
  for (const remote of ['inst-late-1', 'inst-late-2']) await register(remote);
  await remove('inst-d');
  const token = ok(await system.call('POST', 'tokens', { name: 'of after', role: 'admin', expires_in_days: 1 }));
  [lost.token, lost.tokenId] = [token.token, token.token_id];
  lost.position = ok(await system.call('POST', `tokens/${saved.tokenId}/revoke`, {})).position;
  ok(await system.call('DELETE', `routes/${saved.ruleId}`));
}

beforeAll(async () => {
  await gateway.listen();
  const env = { PUBLIC_PORT: String(await freePort()) };
  system = await startSystem({ dataDir: source.path, env });
  instance = (await system.get('session')).body.instance_id;
  await writeBefore();
  await backUpUnderWrites();
  await writeAfter();
  agent.kill('SIGKILL');
  await system.stop();
  const { code, printed } = await runOnHost('restore', [backup, '--data-dir', target.path]);
  if (code !== 0) throw new Error(printed);
  const ports = { API_PORT: String(await freePort()), PUBLIC_PORT: String(await freePort()) }; // It starts anew in place after the accept.
  restored = await launch({ dataDir: target.path, env: ports });
  if (restored.link === null) throw new Error(restored.printed());
  const { origin } = new URL(restored.link);
  const { public_url } = JSON.parse(readFileSync(join(target.path, 'run.json'), 'utf8')) as { public_url: string };
  system = { ...system, ...askingAt(origin), dataDir: target.path, publicUrl: public_url, process: restored.process };
}, 300_000);
afterAll(async () => {
  const ended = once(system.process, 'exit');
  if (system.process.exitCode === null && system.process.kill('SIGTERM')) await ended;
  await gateway.close();
  await Promise.all([source.remove(), target.remove(), dir.remove()]);
}, 60_000);

/** As `System` asks, at another origin and as another. */
function askingAt(origin: string): Pick<System, 'origin' | 'call' | 'get'> {
  const call: System['call'] = async (method, path, body, headers = { authorization: `Bearer ${saved.token}` }) => {
    const answer = await fetch(`${origin}/api/v1/infrastructure/${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
  };
  return { origin, call, get: (path) => call('GET', path) };
}

const accept = (...args: string[]): ReturnType<typeof runOnHost> => runOnHost('log', ['accept', ...args], { DATA_DIR: target.path });
const another = { remote_peer_id: 'inst-new', label: 'inst-new', url: 'https://inst-new.example' };

it('is refused until it is accepted, and the refusal names the line to run', async () => {
  const refused = await system.call('POST', 'peers', another);
  expect(codeOf(refused)).toEqual([503, 'log.rewound']);
  expect(refused.body.detail).toMatch(/^FACTS was restored from a backup at \S+Z, ends at \d+, and is not accepted yet/);
  expect(refused.body.next).toContain(`npm run log -- accept --restored --confirm=${instance}`);
});

describe('an accept', () => {
  const manifest = join(target.path, 'restore-manifest.json');
  const refusedBy = async (code: string, ...args: string[]): Promise<void> => {
    const { code: exit, printed } = await accept(...args);
    expect([exit, printed]).toEqual([1, expect.stringContaining(`(${code})`)]);
    expect(codeOf(await system.call('POST', 'peers', another))).toEqual([503, 'log.rewound']);
  };

  it('is refused without --restored, without the manifest, and with the manifest or the id of another instance', async () => {
    await refusedBy('log.restored', `--confirm=${instance}`);
    await refusedBy('log.not-confirmed', '--restored', '--confirm=inst-other');
    renameSync(manifest, `${manifest}.aside`);
    await refusedBy('log.not-restored', '--restored', `--confirm=${instance}`);
    writeFileSync(manifest, JSON.stringify({ instance_id: 'inst-other', restored_at: '', backup_hash: '' }));
    await refusedBy('log.not-restored', '--restored', `--confirm=${instance}`);
    rmSync(manifest);
    renameSync(`${manifest}.aside`, manifest);
  }, 120_000);

  it('lists what is in force, and closes sessions, login codes and join tokens', async () => {
    const { code, printed } = await accept('--restored', `--confirm=${instance}`);
    expect([code, printed]).toEqual([0, expect.stringContaining('FACTS is open.')]);
    for (const table of ['private.session', 'private.login_code', 'private.edge_join_token'])
      expect(printed).toMatch(new RegExp(`^${table}: [1-9]\\d* rows removed$`, 'm'));
    const inForce = (what: string): string[] =>
      [...printed.matchAll(new RegExp(`^in force: ${what}: (\\S+)`, 'gm'))].map(([, id = '']) => id);
    expect(inForce('service tokens')).toContain(saved.tokenId);
    expect(inForce('routing rules')).toEqual([saved.ruleId]);
    expect(inForce('edge agents')).toEqual([saved.agentId]);
    const [pending, suspended, removed] = ['inst-a', 'inst-b', 'inst-c'].map((remote) => journal.get(remote)?.peerId);
    expect(inForce('peers')).toContain(pending);
    for (const peerId of [suspended, removed]) expect(inForce('peers')).not.toContain(peerId);
    expect(printed).not.toMatch(/^held: /m);
    await until(() => system.get('peers').catch(() => undefined), (answer) => answer?.status === 200 && answer.body.warnings.length === 0, WAIT_MS, 'it answers without a warning'); // prettier-ignore
  }, 120_000);

  it('is refused when it is repeated', async () => {
    const { code, printed } = await accept('--restored', `--confirm=${instance}`);
    expect([code, printed]).toEqual([1, expect.stringContaining('(log.healthy)')]);
  }, 60_000);
});

it('rows are the fold of what was acknowledged before the backup, and nothing of after it is there', async () => {
  const rows = (await system.get('peers?limit=200')).body.data as (PeerState & { peer_id: string; remote_peer_id: string })[];
  const has = new Map(rows.map(({ remote_peer_id, ...row }) => [remote_peer_id, row]));
  const registered = (await system.get('events?type=federation.peer.registered&limit=200')).body.data as { data: { peer_id: string } }[];
  const facts = new Set(registered.map(({ data }) => data.peer_id));
  for (const [remote, { peerId, states, before }] of journal) {
    const row = has.get(remote);
    const is: PeerState = row === undefined ? { label: remote, lifecycle: 'removed' } : { label: row.label, lifecycle: row.lifecycle };
    const isThere = facts.has(peerId);
    if (before > 0) expect([remote, isThere, is]).toEqual([remote, true, states[before - 1]]);
    else if (isThere) expect(states).toContainEqual(is);
    else expect([remote, row]).toEqual([remote, undefined]);
    if (remote.startsWith('inst-late')) expect([remote, isThere]).toEqual([remote, false]);
  }
  expect(rows.filter(({ remote_peer_id }) => !journal.has(remote_peer_id))).toEqual([]);
  const secrets = await secretsIn(target.path);
  for (const { peer_id } of rows) expect(secrets).toContain(peer_id);
  for (const [remote, { peerId }] of journal) if (remote.startsWith('inst-late')) expect(secrets).not.toContain(peerId);
  expect((await system.get('routes')).body.data.map(({ rule_id }: { rule_id: string }) => rule_id)).toEqual([saved.ruleId]);
});

async function secretsIn(path: string): Promise<string[]> {
  const { databaseUrl } = JSON.parse(readFileSync(join(path, 'run.json'), 'utf8')) as { databaseUrl: string };
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<{ peer_id: string }>('SELECT peer_id FROM private.peer_secret')).rows.map(({ peer_id }) => peer_id);
  } finally {
    await client.end();
  }
}

it('a service token of before the backup works, and one of after it, sessions, login codes and join tokens do not', async () => {
  expect((await system.get('session')).body).toMatchObject({ instance_id: instance });
  const as = (headers: Record<string, string>) => system.call('GET', 'session', undefined, headers).then(({ status }) => status);
  expect(await as({ authorization: `Bearer ${lost.token}` })).toBe(401);
  expect(await as({ cookie: saved.cookie, 'x-csrf-token': saved.csrf })).toBe(401);
  for (const code of [saved.code, codeIn(restored.link ?? '')])
    expect((await system.call('POST', 'session', { code }, {})).status).toBe(401);
  expect(await edgeAgent(system.publicUrl, 'second', saved.joinToken).exited).not.toBe(0);
  const session = await system.call('POST', 'session', { code: codeIn(await newLoginLink(target.path)) }, {});
  expect(session.status).toBe(201);
}, 60_000);

it('a position of the old history is refused, and the system is open', async () => {
  for (const position of [saved.position, lost.position, saved.position.replace(/~.*/, '')])
    expect(codeOf(await system.get(`peers?after=${position}`))).toEqual([410, 'position.other-log']);
  const added = await system.call('POST', 'peers', another);
  expect(added.status).toBe(202);
  const { body } = await system.get(`peers?limit=200&after=${added.body.position}`);
  expect(body.data.some(({ remote_peer_id }: { remote_peer_id: string }) => remote_peer_id === 'inst-new')).toBe(true);
  expect(existsSync(join(target.path, 'restore-manifest.json'))).toBe(true);
});

it('a second restore into the directory is refused, and the system goes on', async () => {
  const { code, printed } = await runOnHost('restore', [backup, '--data-dir', target.path]);
  expect([code, printed]).toEqual([1, expect.stringContaining('(restore.not-empty)')]);
  expect((await system.get('peers')).status).toBe(200);
}, 60_000);
