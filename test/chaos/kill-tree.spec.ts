import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { type Answered, type System, dataDir, startSystem } from '../e2e/system.js';

const ROUNDS = 3;
const CLIENTS = 8;
const ACKS_A_ROUND = 60;

const data = dataDir();
const outside = mkdtempSync(join(tmpdir(), 'clawbutler-acks-'));
const journal = join(outside, 'acknowledged.ndjson');
let system: System;
beforeAll(async () => void (system = await startSystem({ dataDir: data.path })), 120_000);
afterAll(async () => {
  await system.stop();
  await data.remove();
  rmSync(outside, { recursive: true });
}, 60_000);

interface Acknowledged {
  readonly remote: string;
  readonly peer_id: string;
  readonly position: string;
}

/** One registration, with the key under which it may be sent again. */
const command = () => ({ key: randomUUID(), remote: `inst-${randomUUID()}` });
const send = ({ key, remote }: { key: string; remote: string }, to: System): Promise<Answered> =>
  to.call(
    'POST',
    'peers',
    { remote_peer_id: remote, label: remote, url: 'https://peer.example', outbound_secret: 'a secret that is long enough' },
    { authorization: `Bearer ${to.token}`, 'idempotency-key': key },
  );

/** Appends from many sides and writes down each acknowledgement before it goes on. Ends when the system is gone. */
async function appendUntilGone(to: System, acknowledged: (count: number) => void): Promise<{ key: string; remote: string }[]> {
  const unanswered: { key: string; remote: string }[] = [];
  let count = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      const asked = command();
      try {
        const { status, body } = await send(asked, to);
        if (status !== 202) throw new Error(`${status}`);
        appendFileSync(
          journal,
          `${JSON.stringify({ remote: asked.remote, peer_id: body.peer_id, position: body.position.replace(/~.*/, '') })}\n`,
        );
        acknowledged(++count);
      } catch {
        unanswered.push(asked);
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return unanswered;
}

it('keeps every acknowledged fact, once, where it was said to be, through SIGKILL of everything', async () => {
  const unanswered: { key: string; remote: string }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const enough = Promise.withResolvers<void>();
    const appending = appendUntilGone(system, (count) => void (count === ACKS_A_ROUND && enough.resolve()));
    await enough.promise;
    await system.killAll();
    unanswered.push(...(await appending));
    system = await startSystem({ dataDir: data.path, token: system.token });
  }
  // Whoever got no answer asks again with the same key, and gets one.
  for (const asked of unanswered) expect((await send(asked, system)).status).toBe(202);

  const acks = readFileSync(journal, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Acknowledged);
  expect(acks.length).toBeGreaterThanOrEqual(ROUNDS * ACKS_A_ROUND);
  const stored = await registrations();
  for (const { remote, peer_id, position } of acks) expect([remote, stored.get(remote)]).toEqual([remote, [{ peer_id, position }]]);
  for (const { remote } of unanswered) expect([remote, stored.get(remote)?.length]).toEqual([remote, 1]);

  const rows = await allPeers(stored.size);
  expect(rows.toSorted()).toEqual([...stored].flatMap(([remote, facts]) => facts.map(({ peer_id }) => `${peer_id} ${remote}`)).toSorted());
}, 300_000);

/** Every registration in the log, by whom it is about; read past our own code, by the bare client. */
async function registrations(): Promise<Map<string, { peer_id: string; position: string }[]>> {
  const nc = await system.nats();
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const { state } = await jsm.streams.info('FACTS');
  const found = new Map<string, { peer_id: string; position: string }[]>();
  for (let seq = 1; seq <= state.last_seq; seq++) {
    const message = await jsm.direct.getMessage('FACTS', { seq });
    expect(message).not.toBeNull();
    if (message?.header.get('ce-type') !== 'federation.peer.registered') continue;
    const { remote_peer_id, peer_id } = message.json<{ remote_peer_id: string; peer_id: string }>();
    // One decision, two facts, all or nothing: what is acknowledged is the position of the second.
    const reserved = await jsm.direct.getMessage('FACTS', { seq: seq + 1 });
    expect(reserved?.json()).toEqual({ remote_peer_id, peer_id });
    expect(reserved?.header.get('ce-type')).toBe('federation.remote-peer.reserved');
    found.set(remote_peer_id, [...(found.get(remote_peer_id) ?? []), { peer_id, position: `f${seq + 1}` }]);
  }
  await nc.close();
  return found;
}

/** Every row, page by page, once the read model has them all. */
async function allPeers(count: number): Promise<string[]> {
  const { body } = await system.get('events?type=federation.peer.registered&limit=1');
  const rows: string[] = [];
  let cursor = '';
  do {
    const page = await system.get(`peers?limit=200&after=${body.position}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    expect(page.status).toBe(200);
    rows.push(...page.body.data.map((row: { peer_id: string; remote_peer_id: string }) => `${row.peer_id} ${row.remote_peer_id}`));
    cursor = page.body.next_cursor ?? '';
  } while (cursor !== '');
  expect(rows).toHaveLength(count);
  return rows;
}
