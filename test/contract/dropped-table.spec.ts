import { type WholeSystem, openWholeSystem } from './whole-system.js';

let system: WholeSystem;
beforeAll(async () => {
  system = await openWholeSystem();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => system.close());

/** Projectors make their tables under this lock: while a test holds it, what was dropped stays away. */
const CREATE_LOCK = 4_600_002;
const until = async <T>(look: () => Promise<T>, isThere: (seen: T) => boolean): Promise<T> => {
  for (;;) {
    const seen = await look();
    if (isThere(seen)) return seen;
  }
};

describe.each([
  ['peer_calls', 'peers', 'federation'],
  ['agent_directory', 'edge-agents', 'edge'],
  ['component_directory', 'services', 'services'],
])('a quiet system whose schema of %s is dropped', (table, path, section) => {
  it(`says in ${path} alone that it is being built, and builds it though no event comes`, async () => {
    const held = await system.pool.connect();
    await held.query('SELECT pg_advisory_lock($1)', [CREATE_LOCK]);
    try {
      const { rows } = await held.query<{ schema: string }>(`SELECT schema FROM read.${table}_checkpoint`);
      await held.query(`DROP SCHEMA ${rows[0]?.schema} CASCADE`);
      const refused = await until(
        () => system.ask('GET', path),
        ({ status }) => status === 503,
      );
      expect(refused.body).toMatchObject({ code: 'read.rebuilding', detail: expect.stringContaining(table) as string });
      const others = ['peers', 'edge-agents', 'services', 'routes', 'tokens'].filter((other) => other !== path);
      for (const other of others) expect([other, (await system.ask('GET', other)).status]).toEqual([other, 200]);
      const overview = await system.ask('GET', 'overview');
      expect(overview).toMatchObject({ status: 200, body: { data: { sections: { [section]: { building: true } } } } });
      expect(overview.body.warnings).toContainEqual(expect.objectContaining({ code: 'read.rebuilding' }));
    } finally {
      await held.query('SELECT pg_advisory_unlock($1)', [CREATE_LOCK]);
      held.release();
    }
    await until(
      () => system.ask('GET', path),
      ({ status }) => status === 200,
    );
    expect((await system.data('overview')).sections[section]).toMatchObject({ building: false });
  });
});

it('makes a view again that was dropped alone', async () => {
  await system.pool.query('DROP VIEW read.route_directory');
  expect((await system.ask('GET', 'routes')).status).toBe(503);
  await until(
    () => system.ask('GET', 'routes'),
    ({ status }) => status === 200,
  );
});
