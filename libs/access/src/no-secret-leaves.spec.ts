import { type TestApp, SESSION_COOKIE, bearer, openAccess } from '../testing/access-app.js';
import { hashOf, newSecret } from './adapters/secret.adapter.js';

let app: TestApp;
beforeAll(async () => {
  app = await openAccess();
});
afterAll(() => app.close());

/** Everything a secret goes through, well and badly; then every place is searched that it must not be in. */
it('shows a secret to whom it belongs, once, and to nothing else', async () => {
  const heard: string[] = []; // Every answer that is none to a login or an issue.
  const say = async (method: string, path: string, options: Parameters<TestApp['request']>[2] = {}): Promise<void> => {
    const { text, headers } = await app.request(method, path, options);
    heard.push(text + JSON.stringify([...headers]));
  };

  const code = await app.code();
  const opened = await app.request('POST', 'session', { body: { code } });
  const cookie = opened.headers.getSetCookie()[0]?.split(/[=;]/)[1] ?? '';
  const session = { cookie: `${SESSION_COOKIE}=${cookie}`, 'x-csrf-token': opened.body.csrf_token as string };
  const { token, token_id } = (
    await app.request('POST', 'tokens', { headers: session, body: { name: 'nightly', role: 'viewer', expires_in_days: 1 } })
  ).body as { token: string; token_id: string };
  const unused = await app.code();
  const wrong = { token: newSecret('token'), cookie: newSecret('session'), code: newSecret('login') };
  const secrets = [code, unused, cookie, token, ...Object.values(wrong)];
  expect(new Set(secrets.filter(({ length }) => length >= 50)).size).toBe(7);

  const everywhere = async (): Promise<void> => {
    for (const path of ['sample', 'session', 'tokens', 'nowhere'])
      for (const method of ['GET', 'POST', 'PATCH'])
        for (const headers of [
          bearer(token),
          bearer(wrong.token),
          bearer(`${token}.`),
          session,
          { cookie: `${SESSION_COOKIE}=${wrong.cookie}` },
        ])
          await say(method, path, { headers });
    for (const body of [{ code }, { code: wrong.code }, { code, role: 1 }, `{"code": ${code}`, `${unused}`, { code: [unused] }])
      await say('POST', 'session', { body });
    await say('POST', `tokens/${token}/revoke`, { headers: session });
  };
  await everywhere();
  app.log.isDown = true;
  await say('POST', 'session', { body: { code: unused } });
  await say('POST', 'tokens', { headers: session, body: { name: 'x', role: 'viewer', expires_in_days: 1 } });
  app.log.isDown = false;
  await app.db.query('ALTER TABLE private.login_code RENAME TO login_code_gone'); // A mistake of ours, logged whole.
  await say('POST', 'session', { body: { code: unused } });
  await app.db.query('ALTER TABLE private.login_code_gone RENAME TO login_code');
  app.postgres.cut();
  await everywhere();
  app.postgres.mend();
  await say('POST', `tokens/${token_id}/revoke`, { headers: session });
  await say('DELETE', 'session', { headers: session });

  const kept: unknown[] = [];
  for (const table of ['service_token', 'session', 'login_code']) kept.push(await app.db.query(`SELECT * FROM private.${table}`));
  expect(app.log.types).toEqual(['access.session.opened', 'access.token.issued', 'access.token.revoked', 'access.session.closed']);
  expect(app.logCapture.text).toContain('login_code');
  // A hash may stand in the tables, and in what is logged of a broken statement.
  const open = { answers: heard.join('\n'), facts: JSON.stringify(app.log.facts) };
  const places = { ...open, log: app.logCapture.text, tables: JSON.stringify(kept) };
  const found = (where: Record<string, string>, text: string): string[] =>
    Object.keys(where).filter((place) => where[place]?.includes(text));
  for (const secret of secrets) {
    const random = secret.replace(/^cb_(srv|ses|login)_/, '').slice(0, 8); // A part of it would be too much.
    expect({ secret, inPlaces: found(places, random), hashIn: found(open, hashOf(secret)) }).toEqual({ secret, inPlaces: [], hashIn: [] });
  }
});
