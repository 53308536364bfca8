import type { Locator } from 'playwright-core';
import { describePage } from './browser.js';
import type { Asked } from './asked.js';
import { rowNames, stage, until } from './stage.js';

describePage('peers', () => {
  const on = stage();
  const dialog = (name: string | RegExp): Locator => on.page.getByRole('dialog', { name });
  const fill = async (label: string, url: string, id: string): Promise<void> => {
    await on.page.getByLabel('Remote peer id').fill(id);
    await on.page.getByLabel('Label').fill(label);
    await on.page.getByLabel('URL').fill(url);
  };
  const press = (name: string): Promise<void> => on.page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  const sent = (method: string, path: RegExp): Asked[] =>
    on.server.asked.filter((asked) => asked.method === method && path.test(asked.path));
  const choose = async (peer: string, action: string): Promise<void> => {
    await on.page.getByRole('button', { name: `Actions for ${peer}` }).click();
    await on.page.getByRole('menuitem', { name: action }).click();
  };
  const troubleAt = async (label: string): Promise<string> => {
    const field = on.page.getByLabel(label, { exact: true });
    await until(`${label} is marked`, async () => (await field.getAttribute('aria-invalid')) === 'true');
    return (await on.page.locator(`[id="${await field.getAttribute('aria-describedby')}"]`).textContent())!;
  };

  it('are added with a secret made by the server, which is shown once', async () => {
    await on.open('?section=federation');
    await on.page.getByRole('button', { name: 'Add peer' }).click();
    await fill('Tallinn', 'https://tallinn.example', 'inst-tallinn');
    await press('Add peer');
    const shown = on.page.getByRole('alertdialog', { name: 'Tallinn is registered' });
    await shown.waitFor();
    expect(await shown.locator('[data-secret]').textContent()).toBe(on.server.secret);
    expect(await shown.textContent()).toContain('inst-7f3q9k2m');

    const [asked] = sent('POST', /^\/peers$/);
    expect(asked!.body).toEqual({ remote_peer_id: 'inst-tallinn', label: 'Tallinn', url: 'https://tallinn.example' });
    expect(asked!.headers['x-csrf-token']).toBe('csrf-of-this-session');
    expect(asked!.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(sent('GET', /^\/peers$/).some(({ query }) => query.get('after') === 'f413')).toBe(true);
    expect(await on.page.locator('[data-row]').filter({ hasText: 'Tallinn' }).getAttribute('data-status')).toBe('pending');

    await on.page.keyboard.press('Escape');
    await on.page.getByText('Copy the secret first').waitFor();
    await shown.getByRole('button', { name: 'Done' }).click();
    await shown.waitFor({ state: 'detached' });
    expect(await on.page.content()).not.toContain(on.server.secret);
    expect(await on.page.evaluate('JSON.stringify([localStorage, sessionStorage, history.state])')).not.toContain(on.server.secret);
  });

  it('may close once the secret was copied', async () => {
    await on.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: on.server.origin });
    await on.open('?section=federation');
    await on.page.getByRole('button', { name: 'Add peer' }).click();
    await fill('Tallinn', 'https://tallinn.example', 'inst-tallinn');
    await press('Add peer');
    await on.page.getByRole('alertdialog').getByRole('button', { name: 'Copy' }).click();
    await on.page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await on.page.evaluate('navigator.clipboard.readText()')).toBe(on.server.secret);
    await on.page.keyboard.press('Escape');
    await on.page.getByRole('alertdialog').waitFor({ state: 'detached' });
  });

  it('are added with the secret of the other side', async () => {
    await on.open('?section=federation');
    await on.page.getByRole('button', { name: 'Add peer' }).click();
    await fill('Tallinn', 'https://tallinn.example', 'inst-tallinn');
    await on.page.getByLabel('The other side gave me one').check();
    await on.page.getByLabel('Shared secret').fill('a-secret-of-more-than-24-characters');
    expect(await on.page.getByLabel('Shared secret').getAttribute('type')).toBe('password');
    await press('Add peer');
    await dialog('Tallinn').waitFor();
    expect(sent('POST', /^\/peers$/)[0]!.body).toMatchObject({ outbound_secret: 'a-secret-of-more-than-24-characters' });
    expect(on.page.url()).toContain('id=peer-');
  });

  it('say at each field what is wrong with it', async () => {
    await on.open('?section=federation');
    await on.page.getByRole('button', { name: 'Add peer' }).click();
    await press('Add peer');
    expect(await troubleAt('Remote peer id')).toBe('Give the instance id of the other side.');
    expect(await troubleAt('Label')).toBe('Give it a label.');
    expect(await troubleAt('URL')).toBe('Give the public URL of the other side.');
    expect(sent('POST', /^\/peers$/)).toHaveLength(0);
    expect(await on.page.getByRole('region', { name: 'What the other side needs' }).textContent()).toContain('inst-7f3q9k2m');

    await fill('Tallinn', 'https://10.0.0.4', 'inst-tallinn');
    expect(await on.page.getByLabel('Label').getAttribute('aria-invalid')).toBe('false');
    await press('Add peer');
    expect(await troubleAt('URL')).toBe(
      'The URL of a peer may not be this one: it is a private address. Give an https URL of a public address.',
    );

    await fill('Tallinn', 'https://tallinn.example', 'inst-3f2a91bc04de77a1');
    await press('Add peer');
    expect(await troubleAt('Remote peer id')).toBe('The instance inst-3f2a91bc04de77a1 is registered already. Use that peer.');

    await fill('Tallinn', 'https://tallinn.example', 'inst-tallinn');
    await on.page.getByLabel('The other side gave me one').check();
    await on.page.getByLabel('Shared secret').fill('short');
    await press('Add peer');
    expect(await troubleAt('Shared secret')).toBe('The shared secret has too few characters; at least 24 are needed. Give a longer one.');
    expect(on.server.peers).toHaveLength(5);
  });

  it('send the same key when the same is tried again, and another when it was changed', async () => {
    await on.open('?section=federation');
    on.server.broken.set('POST /peers', { status: 503, code: 'log.down', detail: 'NATS does not answer.', next: 'Try again.' });
    await on.page.getByRole('button', { name: 'Add peer' }).click();
    await fill('Tallinn', 'https://tallinn.example', 'inst-tallinn');
    for (const times of [1, 2]) {
      await press('Add peer');
      await until('it was sent', () => sent('POST', /^\/peers$/).length === times);
      expect(await on.page.getByRole('alert').textContent()).toBe('NATS does not answer.Try again. log.down');
    }
    await on.page.getByLabel('Label').fill('Tartu');
    await press('Add peer');
    await until('it was sent', () => sent('POST', /^\/peers$/).length === 3);
    const keys = sent('POST', /^\/peers$/).map(({ headers }) => headers['idempotency-key']);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('are suspended for a while with a note, and resumed', async () => {
    await on.open('?section=federation');
    await choose('Lisbon', 'Suspend…');
    await on.page.getByLabel('Why').fill('maintenance over there');
    await on.page.getByText('8 hours').click();
    await press('Suspend');
    await on.page.locator('[data-row=peer-3f2a91bc04de77a1][data-status=suspended]').waitFor();
    const { note, until: end } = sent('POST', /suspend$/)[0]!.body as { note: string; until: string };
    expect(note).toBe('maintenance over there');
    expect(Math.abs(Date.parse(end) - Date.now() - 8 * 3_600_000)).toBeLessThan(10_000);
    await until('it is said', async () => (await on.page.getByRole('status').textContent()) === 'Lisbon suspended');

    await choose('Lisbon', 'Resume');
    await on.page.locator('[data-row=peer-3f2a91bc04de77a1][data-status=pending]').waitFor();
    expect(sent('POST', /resume$/)).toHaveLength(1);
    await until('it is said', async () => (await on.page.getByRole('status').textContent()) === 'Lisbon resumed');
  });

  it('say at the field when the end of a suspension is refused', async () => {
    await on.open('?section=federation');
    const code = 'federation.until-not-ahead';
    on.server.broken.set('POST /peers/peer-3f2a91bc04de77a1/suspend', {
      status: 422,
      code,
      detail: 'It must end later.',
      next: 'Give a later until.',
    });
    await choose('Lisbon', 'Suspend…');
    await on.page.getByText('Until…').click();
    await on.page.getByLabel('Until', { exact: true }).fill('2020-01-01T10:00');
    await press('Suspend');
    expect(await troubleAt('Until')).toBe('It must end later. Give a later until.');
  });

  it('are renamed', async () => {
    await on.open('?section=federation');
    await choose('Lisbon', 'Edit label…');
    await on.page.getByLabel('Label', { exact: true }).fill('Lisbon, third hall');
    await press('Save');
    await until('it has its new name', async () => (await rowNames(on.page)).includes('Lisbon, third hall'));
    expect(sent('PATCH', /^\/peers\/peer-3f2a91bc04de77a1$/)[0]!.body).toEqual({ label: 'Lisbon, third hall' });
  });

  it('are removed only by their name', async () => {
    await on.open('?section=federation');
    await choose('Lisbon', 'Remove…');
    const asks = on.page.getByRole('alertdialog', { name: 'Remove Lisbon' });
    const remove = asks.getByRole('button', { name: 'Remove peer' });
    await asks.getByLabel('Type Lisbon to confirm').fill('lisbon');
    expect(await remove.isDisabled()).toBe(true);
    await on.page.keyboard.press('Enter');
    await asks.getByLabel('Type Lisbon to confirm').fill('Lisbon');
    await remove.click();
    await on.page.locator('[data-row=peer-3f2a91bc04de77a1]').waitFor({ state: 'detached' });
    expect(sent('DELETE', /^\/peers\/peer-3f2a91bc04de77a1$/)).toHaveLength(1);
  });

  it('show what was done although the read model lags, as soon as it follows', async () => {
    await on.open('?section=federation');
    on.server.behind = 1;
    await choose('Lisbon', 'Suspend…');
    await press('Suspend');
    await on.page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(sent('GET', /^\/peers$/).filter(({ query }) => query.has('after'))).toHaveLength(2);
  });

  it('can be looked at by a viewer, and no more', async () => {
    on.server.role = 'viewer';
    await on.open('?section=federation');
    expect(await on.page.getByRole('button', { name: 'Add peer' }).count()).toBe(0);
    await on.page.getByRole('button', { name: 'Actions for Lisbon' }).click();
    await on.page.getByRole('menu').waitFor();
    expect(await on.page.getByRole('menuitem').allTextContents()).toEqual(['Open', 'Show its events', 'Copy link']);
  });

  it('can be removed by an admin only', async () => {
    on.server.role = 'operator';
    await on.open('?section=federation');
    await on.page.getByRole('button', { name: 'Actions for Lisbon' }).click();
    await on.page.getByRole('menu').waitFor();
    expect(await on.page.getByRole('menuitem').allTextContents()).toEqual([
      'Open',
      'Show its events',
      'Copy link',
      'Retry now',
      'Edit label…',
      'Suspend…',
    ]);
  });
});
