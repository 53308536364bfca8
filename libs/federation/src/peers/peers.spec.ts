import { jetstreamManager } from '@nats-io/jetstream';
import { type Instant, assertShape } from '@app/kernel';
import { ReadModels, type Rows } from '@app/read-store';
import { type TestContext, openContext } from '../../testing/machines.js';
import { fingerprintOf } from './private/peer-secrets.provider.js';
import { UnusedSecretsJob } from './private/unused-secrets.job.js';
import { peerDirectory } from './read/peer-directory/peer-directory.projection.js';
import { countPeers, troubledPeers } from './read/peer-directory/peer-directory.query.js';
import { Peer } from './read/peer-directory/peer-directory.view.js';
import { EndSuspensionsJob } from './write/end-suspension/end-suspensions.job.js';
import type { PeerAccepted } from './write/register-peer/register-peer.view.js';

/** The context on a real log, a real database and real HTTP. */
let context: TestContext;
beforeAll(async () => {
  context = await openContext();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => context.close());

const GIVEN = 'correct horse battery staple';
let instances = 0;
const register = async (more: object = {}, key?: string): Promise<PeerAccepted> => {
  const ask = { remote_peer_id: `inst-${++instances}`, label: 'Lisbon', url: 'https://lisbon.example', ...more };
  const { status, body } = await context.ask('POST', 'peers', ask, key === undefined ? {} : { 'idempotency-key': key });
  expect([status, body]).toEqual([202, body]);
  return body as PeerAccepted;
};
const get = async (peerId: string, after: string): Promise<Peer> => {
  const { body } = await context.ask('GET', `peers/${peerId}?after=${after}`);
  return (body as { data: Peer }).data;
};
const list = async (query: string): Promise<{ data: Peer[]; next_cursor?: string }> =>
  (await context.ask('GET', `peers?${query}`)).body as { data: Peer[]; next_cursor?: string };
const ok = async (answer: Promise<{ status: number; body: unknown }>): Promise<string> => {
  const { status, body } = await answer;
  expect([status, body]).toEqual([202, { position: expect.any(String) }]);
  return (body as { position: string }).position;
};

it('one peer, from registration to removal, read as it was just written', async () => {
  const { peer_id, position } = await register({ remote_peer_id: 'inst-life', outbound_secret: GIVEN });
  const pending = await get(peer_id, position);
  assertShape(Peer, pending);
  expect(pending).toMatchObject({
    peer_id,
    remote_peer_id: 'inst-life',
    url: 'https://lisbon.example',
    lifecycle: 'pending',
    status: 'pending',
    health: 'unknown',
    registered_by: 'anonymous',
    secret_fingerprint: await fingerprintOf(GIVEN),
    calls_in: 0,
  });

  const labelled = await ok(context.ask('PATCH', `peers/${peer_id}`, { label: 'Porto' }));
  expect(await get(peer_id, labelled)).toEqual({ ...pending, label: 'Porto' });

  const until = '2999-01-01T00:00:00.000Z';
  const suspended = await ok(context.ask('POST', `peers/${peer_id}/suspend`, { note: '', until }));
  expect(await get(peer_id, suspended)).toMatchObject({ lifecycle: 'suspended', status: 'suspended', suspended_until: until });

  const resumed = await ok(context.ask('POST', `peers/${peer_id}/resume`, {}));
  expect(await get(peer_id, resumed)).toMatchObject({ lifecycle: 'pending', suspended_until: null });

  const removed = await ok(context.ask('DELETE', `peers/${peer_id}`));
  expect(await context.ask('GET', `peers/${peer_id}?after=${removed}`)).toMatchObject({
    status: 404,
    body: { code: 'federation.peer-unknown' },
  });
  expect(await ok(context.ask('DELETE', `peers/${peer_id}`))).toBe(removed);

  const again = await register({ remote_peer_id: 'inst-life' });
  expect(again.peer_id).not.toBe(peer_id);
});

it('of many registrations of one instance at once, one is carried out', async () => {
  const ask = { remote_peer_id: 'inst-race', label: 'Race', url: 'https://race.example' };
  const [{ rows: before }] = await context.db.query('SELECT count(*)::int AS rows FROM private.peer_secret');
  const answers = await Promise.all(Array.from({ length: 8 }, () => context.ask('POST', 'peers', ask)));
  const accepted = answers.filter(({ status }) => status === 202).map(({ body }) => body as PeerAccepted);
  expect(accepted).toHaveLength(1);
  for (const { status, body } of answers.filter((answer) => answer.status !== 202))
    expect([status, body]).toEqual([
      409,
      expect.objectContaining({ code: 'federation.peer-exists', facts: { remote_peer_id: 'inst-race', peer_id: accepted[0]?.peer_id } }),
    ]);
  expect(await secretsOf(accepted[0]?.peer_id ?? '')).toHaveLength(1);
  expect(
    await context.db.query('SELECT count(*)::int AS rows FROM private.peer_secret WHERE peer_id <> $1', [accepted[0]?.peer_id]),
  ).toEqual([
    { rows: before }, // Those that lost left nothing.
  ]);
});

it('of one command sent many times at once, one is carried out, and one answer shows the secret', async () => {
  const ask = { remote_peer_id: 'inst-impatient', label: 'Impatient', url: 'https://impatient.example' };
  const answers = await Promise.all(Array.from({ length: 5 }, () => context.ask('POST', 'peers', ask, { 'idempotency-key': 'impatient' })));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  const bodies = answers.map(({ body }) => body as PeerAccepted);
  expect(new Set(bodies.map(({ peer_id, position }) => `${peer_id} ${position}`)).size).toBe(1);
  const shown = bodies.flatMap(({ outbound_secret }) => outbound_secret ?? []);
  expect(shown).toHaveLength(1);
  const [row, ...others] = await secretsOf(bodies[0]?.peer_id ?? '');
  expect(others).toEqual([]);
  expect(context.box.open(row?.sealed ?? '', row?.secret_id ?? '')).toBe(shown[0]);
});

interface SecretRow {
  secret_id: string;
  sealed: string;
}
const secretsOf = (peerId: string): Promise<SecretRow[]> =>
  context.db.query('SELECT secret_id, sealed FROM private.peer_secret WHERE peer_id = $1', [peerId]);
const factsInLog = async (): Promise<string[]> => {
  const facts: string[] = [];
  const jsm = await jetstreamManager(context.store.nc);
  const { state } = await jsm.streams.info('FACTS');
  for (let seq = 1; seq <= state.last_seq; seq++) {
    const message = await jsm.streams.getMessage('FACTS', { seq });
    facts.push(`${message?.subject} ${message?.string()} ${[...(message?.header ?? [])].join(' ')}`);
  }
  return facts;
};
/** How many secrets facts name, of peers that were not removed. */
const namedSecrets = async (): Promise<number> => {
  const facts = await factsInLog();
  return (
    facts.filter((fact) => fact.includes('federation.peer.registered')).length -
    facts.filter((fact) => fact.includes('federation.peer.removed')).length
  );
};
const now = (aheadMs = 0): Instant => new Date(Date.now() + aheadMs).toISOString() as Instant;

it('a secret is in no event, log, answer or table in clear, and what is kept opens to it', async () => {
  const given = `given ${GIVEN} ${instances}`;
  const peers = [await register({ outbound_secret: given }), await register()];
  const generated = peers[1]?.outbound_secret ?? '';
  await context.ask('POST', 'peers', { remote_peer_id: `inst-${instances}`, label: 'x', url: 'https://x.example', outbound_secret: given }); // 409
  await context.ask('POST', 'peers', { remote_peer_id: 'inst.*', label: '', url: '', outbound_secret: given }); // 400
  const answers = JSON.stringify([
    await list(`limit=200&after=${peers[1]?.position}`),
    ...(await Promise.all(peers.map((peer) => get(peer.peer_id, peer.position)))),
  ]);

  const tables = (await context.db.query(
    "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
  )) as { name: string }[];
  const contents = await Promise.all(tables.map(({ name }) => context.db.query(`SELECT * FROM ${name}`)));
  expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['private.peer_secret', 'read.peer_directory']));

  const everywhere = [...(await factsInLog()), context.logCapture.text, answers, JSON.stringify(contents)].join('\n');
  for (const { peer_id } of peers) expect(everywhere).toContain(peer_id); // It does look where peers are.
  for (const secret of [given, generated])
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('base64url'),
      Buffer.from(secret).toString('hex'),
    ])
      expect(everywhere).not.toContain(form);

  for (const [i, secret] of [given, generated].entries()) {
    const [row] = await secretsOf(peers[i]?.peer_id ?? '');
    expect(context.box.open(row?.sealed ?? '', row?.secret_id ?? '')).toBe(secret);
    expect((await get(peers[i]?.peer_id ?? '', peers[i]?.position ?? '')).secret_fingerprint).toBe(await fingerprintOf(secret));
  }
});

describe('the directory', () => {
  const labels = ['Alpha_one', 'alpha%two', 'Beta', 'Gamma', 'Delta'];
  const peers: PeerAccepted[] = [];
  let last: string;
  beforeAll(async () => {
    for (const [i, label] of labels.entries()) peers.push(await register({ label: `dir ${label}`, url: `https://dir-${i}.example` }));
    last = await ok(context.ask('POST', `peers/${peers[2]?.peer_id}/suspend`, { note: '', until: null }));
  });
  const found = async (query: string): Promise<string[]> =>
    (await list(`limit=200&after=${last}&${query}`)).data.map(({ label }) => label.replace('dir ', ''));

  it.each([
    ['q=dir', labels],
    ['q=DIR ALPHA', ['Alpha_one', 'alpha%two']],
    ['q=alpha_', ['Alpha_one']],
    ['q=alpha%25', ['alpha%two']],
    ['q=dir-3.example', ['Gamma']],
    ['q=\\', []],
    ['q=dir&status=suspended', ['Beta']],
    ['q=dir&status=pending', ['Alpha_one', 'alpha%two', 'Gamma', 'Delta']],
    ['q=dir&status=connected', []],
  ])('finds by %s', async (query, expected) => expect(await found(query)).toEqual(expected));

  it('finds by its id and by its instance id', async () => {
    const peer = await get(peers[4]?.peer_id ?? '', peers[4]?.position ?? '');
    expect(await found(`q=${peer.peer_id.slice(3, 18)}`)).toEqual(['Delta']);
    expect(await found(`q=${peer.remote_peer_id}&status=pending`)).toContain('Delta');
  });

  it('counts peers by how they are, and finds those in trouble', async () => {
    const reads = context.app.get(ReadModels);
    const ask = <T>(query: (db: Rows) => Promise<T>): Promise<T> =>
      reads.answer(peerDirectory, { after: last }, query).then(({ data }) => data);
    const { data: all } = await list(`limit=200&after=${last}`);
    const suspended = all.filter(({ status }) => status === 'suspended').length;
    expect(suspended).toBeGreaterThan(0);
    expect(await ask(countPeers)).toEqual([
      { status: 'pending', health: 'unknown', count: all.length - suspended },
      { status: 'suspended', health: 'unknown', count: suspended },
    ]);
    expect(await ask(troubledPeers)).toEqual([]);

    await context.db.query("UPDATE rm_peer_directory_v5.peer_directory SET health = 'down' WHERE label LIKE 'dir %a'");
    const down = (await ask(countPeers)).filter(({ health }) => health === 'down');
    expect(down.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    expect((await ask(troubledPeers)).map(({ label }) => label)).toEqual(['dir Gamma', 'dir Delta', 'dir Beta']); // Suspended last.
    await context.db.query("UPDATE rm_peer_directory_v5.peer_directory SET health = 'unknown'");
  });

  it.each([1, 2, 3, 5, 200])('pages by %i without repeating or skipping', async (limit) => {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await list(`q=dir&limit=${limit}&after=${last}${cursor === undefined ? '' : `&cursor=${cursor}`}`);
      pages.push(page.data.map(({ label }) => label.replace('dir ', '')));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(pages.flat()).toEqual(labels);
    expect(pages.map(({ length }) => length)).toEqual(
      Array.from({ length: Math.ceil(5 / limit) }, (_, i) => Math.min(limit, 5 - i * limit)),
    );
  });
});

describe('the jobs', () => {
  it('end a suspension whose end has come, and no other', async () => {
    const [due, later, open] = [await register(), await register(), await register()];
    const suspend = (peer: PeerAccepted, until: string | null) =>
      ok(context.ask('POST', `peers/${peer.peer_id}/suspend`, { note: '', until }));
    await suspend(later, '2999-01-01T00:00:00.000Z');
    await suspend(open, null);
    const position = await suspend(due, new Date(Date.now() + 400).toISOString());
    const lifecycle = async ({ peer_id }: PeerAccepted): Promise<string> => (await get(peer_id, position)).lifecycle;
    expect(await lifecycle(due)).toBe('suspended');

    const deadline = Date.now() + 10_000;
    while ((await lifecycle(due)) === 'suspended' && Date.now() < deadline) await context.app.get(EndSuspensionsJob).run(now());
    expect([await lifecycle(due), await lifecycle(later), await lifecycle(open)]).toEqual(['pending', 'suspended', 'suspended']);
    expect((await factsInLog()).filter((fact) => fact.includes(due.peer_id)).at(-1)).toMatch(
      /federation\.peer\.resumed.*system:federation/s,
    );
  });

  it('remove the secrets no fact names, an hour later', async () => {
    const kept = await register();
    const gone = await register();
    await ok(context.ask('DELETE', `peers/${gone.peer_id}`));
    const old = '2020-01-01T00:00:00.000Z';
    for (const [id, peerId] of [
      ['orphan-of-nobody', 'peer-nobody'],
      ['orphan-of-kept', kept.peer_id],
    ])
      await context.db.query('INSERT INTO private.peer_secret VALUES ($1, $2, 1, $3, $4, $5)', [id, peerId, 'v1.', 'f', old]);
    const ids = async (): Promise<string[]> =>
      ((await context.db.query('SELECT secret_id FROM private.peer_secret ORDER BY 1')) as SecretRow[]).map(({ secret_id }) => secret_id);
    const [[keptSecret], [goneSecret]] = [await secretsOf(kept.peer_id), await secretsOf(gone.peer_id)];
    const before = await ids();

    await context.app.get(UnusedSecretsJob).run(now());
    expect(await ids()).toEqual(before.filter((id) => !id.startsWith('orphan'))); // What is younger than an hour stays.

    await context.app.get(UnusedSecretsJob).run(now(3_600_001));
    expect(await ids()).toContain(keptSecret?.secret_id);
    expect(await ids()).not.toContain(goneSecret?.secret_id);
    expect(await context.db.query('SELECT count(*)::int AS kept FROM private.peer_secret')).toEqual([{ kept: await namedSecrets() }]);
  });
});
