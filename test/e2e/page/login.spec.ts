import { describePage, logIn } from './browser.js';
import { stage, until } from './stage.js';

describePage('the login', () => {
  const on = stage();
  const tries = (): unknown[] =>
    on.server.asked.filter(({ method, path }) => method === 'POST' && path === '/session').map(({ body }) => body);

  it('takes the code of the link without a button, once, and leaves it nowhere', async () => {
    on.server.loggedIn = false;
    await on.page.goto(`${on.server.origin}/login#code=${on.server.code}`);
    await on.page.waitForURL('**/infrastructure**');
    await on.page.locator('[data-freshness=live]').waitFor();
    expect(tries()).toEqual([{ code: on.server.code }]);
    await on.page.goBack().catch(() => null);
    expect(on.page.url()).not.toContain(on.server.code);
    expect(tries()).toHaveLength(1);
  });

  it('is what the helper for the real system does', async () => {
    on.server.loggedIn = false;
    await on.page.goto(`${on.server.origin}/login`);
    await logIn(on.page, on.server.code, on.server.origin);
    expect(new URL(on.page.url()).pathname).toBe('/infrastructure');
  });

  it('teaches when the link was used, and takes a new one by hand, code or link', async () => {
    on.server.loggedIn = false;
    await on.page.goto(`${on.server.origin}/login#code=cb_login_used`);
    const alert = on.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toBe(
      'This link was used or is older than 15 minutes.Run npm run login for a new one. access.code-invalid',
    );
    expect(await alert.locator('code').allTextContents()).toEqual(['npm run login']);
    expect(on.page.url()).not.toContain('#');
    await on.page.getByLabel('One-time code').fill('cb_login_wrong_too');
    await on.page.keyboard.press('Enter');
    await until('it was tried', () => tries().length === 2);
    await on.page.getByLabel('One-time code').fill(`${on.server.origin}/login#code=${on.server.code}`);
    await on.page.getByRole('button', { name: 'Log in' }).click();
    await on.page.waitForURL('**/infrastructure**');
    expect(tries().at(-1)).toEqual({ code: on.server.code });
  });

  it('takes a second link opened in the same tab', async () => {
    on.server.loggedIn = false;
    await on.page.goto(`${on.server.origin}/login#code=cb_login_used`);
    await on.page.getByRole('alert').waitFor();
    await on.page.goto(`${on.server.origin}/login#code=${on.server.code}`);
    await on.page.waitForURL('**/infrastructure**');
  });

  it('says what another trouble is', async () => {
    on.server.broken.set('POST /session', {
      status: 503,
      code: 'access.unavailable',
      detail: 'PostgreSQL does not answer.',
      next: 'Try again.',
    });
    await on.page.goto(`${on.server.origin}/login#code=${on.server.code}`);
    expect(await on.page.getByRole('alert').textContent()).toBe('PostgreSQL does not answer.Try again. access.unavailable');
  });

  it('is asked for by any 401, and leads back to the same place', async () => {
    await on.open('?section=services&id=valkey&tab=timeline');
    on.server.loggedIn = false;
    await on.page.keyboard.press('r');
    await on.page.waitForURL('**/login?**');
    await on.page.getByLabel('One-time code').fill(on.server.code);
    await on.page.getByRole('button', { name: 'Log in' }).click();
    await on.page.waitForURL('**/infrastructure**');
    expect(new URL(on.page.url()).search).toBe('?section=services&id=valkey&tab=timeline');
    await on.page.getByRole('dialog', { name: 'Valkey' }).waitFor();
  });

  it('is asked for at once by who has no session, and by none of its requests twice', async () => {
    on.server.loggedIn = false;
    await on.page.goto(`${on.server.origin}/infrastructure?section=edge`);
    await on.page.waitForURL('**/login?**');
    expect(new URL(on.page.url()).searchParams.get('return')).toBe('/infrastructure?section=edge');
  });

  it('is not led away by a link that says to', async () => {
    on.server.loggedIn = false;
    await on.page.goto(`${on.server.origin}/login?return=${encodeURIComponent('https://evil.example/')}#code=${on.server.code}`);
    await on.page.waitForURL('**/infrastructure**');
    expect(new URL(on.page.url()).origin).toBe(on.server.origin);
  });

  it('is undone by logging out', async () => {
    await on.open('?section=services');
    await on.page.getByRole('button', { name: 'Log out' }).click();
    await on.page.waitForURL('**/login');
    expect(on.server.loggedIn).toBe(false);
    await on.page.getByLabel('One-time code').waitFor();
    expect(await on.page.content()).not.toContain('Valkey');
    await until('nobody listens any more', () => on.server.listeners === 0);
    // Nor does the back button bring back what was seen, not even until the API refuses.
    for (const route of ['/session', '/overview', '/services', '/stream']) on.server.gates.set(`GET ${route}`, new Promise(() => {}));
    await on.page.goBack();
    await on.page.getByRole('heading', { name: 'Service Health' }).waitFor();
    expect(await on.page.content()).not.toContain('Valkey');
  });
});
