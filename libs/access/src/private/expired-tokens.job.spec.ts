import type { Instant } from '@app/kernel';
import { type TestApp, openAccess } from '../../testing/access-app.js';
import { ExpiredTokensJob } from './expired-tokens.job.js';

let app: TestApp;
beforeAll(async () => {
  app = await openAccess();
});
afterAll(() => app.close());

it('removes the rows of tokens that ended more than a day ago, and no others', async () => {
  const ends: Record<string, string | null> = {
    'ended long ago': '2026-02-01T11:59:59.999Z',
    'ended a day ago': '2026-02-01T12:00:00.000Z',
    'ended today': '2026-02-01T12:00:00.001Z',
    'ends tomorrow': '2026-02-03T12:00:00.000Z',
    'ends never': null,
  };
  for (const [name, end] of Object.entries(ends))
    await app.db.query('INSERT INTO private.service_token (token_id, hash, name, role, expires_at) VALUES ($1, $1, $1, $2, $3)', [
      ...[name, 'viewer', end],
    ]);
  await app.app.get(ExpiredTokensJob).run('2026-02-02T12:00:00.000Z' satisfies Instant);
  const rows = await app.db.query<{ name: string }[]>('SELECT name FROM private.service_token ORDER BY name');
  expect(rows.map(({ name }) => name)).toEqual(['ended today', 'ends never', 'ends tomorrow']);
});
