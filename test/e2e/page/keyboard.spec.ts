import { describePage } from './browser.js';
import { stage, until } from './stage.js';

describePage('by keyboard', () => {
  const on = stage();
  const focused = (): Promise<string> => on.page.evaluate('document.activeElement.textContent');

  it('j and k go through the rows, Enter opens one, Escape closes it and gives the row back', async () => {
    await on.open('?section=services');
    await on.page.keyboard.press('j');
    expect(await focused()).toBe('lisbon');
    await on.page.keyboard.press('j');
    await on.page.keyboard.press('j');
    await on.page.keyboard.press('j');
    expect(await focused()).toBe('Gateways');
    await on.page.keyboard.press('k');
    expect(await focused()).toBe('Valkey');
    await on.page.keyboard.press('Enter');
    await on.page.getByRole('dialog', { name: 'Valkey' }).waitFor();
    await on.page.keyboard.press('Escape');
    await on.page.getByRole('dialog').waitFor({ state: 'detached' });
    await until('the row has the focus again', async () => (await focused()) === 'Valkey');
  });

  it('j goes on from the row whose drawer is open, and takes the drawer along', async () => {
    await on.open('?section=services&id=gateway-lisbon');
    await on.page.getByRole('dialog', { name: 'lisbon' }).waitFor();
    await on.page.keyboard.press('j');
    await on.page.getByRole('dialog', { name: 'Valkey' }).waitFor();
    expect(on.page.url()).toContain('id=valkey');
  });

  it('/ goes to the search, where the letters are letters, and Escape clears and leaves it', async () => {
    await on.open('?section=services&show=all');
    await on.page.keyboard.press('/');
    await on.page.keyboard.type('jrk?/');
    const search = on.page.getByRole('searchbox');
    expect(await search.inputValue()).toBe('jrk?/');
    expect(await on.page.getByRole('dialog').count()).toBe(0);
    await on.page.keyboard.press('Escape');
    expect(await search.inputValue()).toBe('');
    expect(await on.page.evaluate(`document.activeElement.matches('[data-search]')`)).toBe(false);
  });

  it('r asks again, and says so', async () => {
    await on.open('?section=services');
    const asked = on.server.asked.length;
    await on.page.keyboard.press('r');
    await until('the lists were asked for', () =>
      ['/overview', '/services'].every((path) => on.server.asked.slice(asked).some((one) => one.path === path)),
    );
    await until('it is said', async () => (await on.page.getByRole('status').textContent()) === 'Asked again');
  });

  it('? opens the help, which holds the focus and gives it back', async () => {
    await on.open('?section=services');
    await on.page.keyboard.press('j');
    await on.page.keyboard.press('?');
    const help = on.page.getByRole('dialog', { name: 'Keys and signs' });
    await help.waitFor();
    await on.page.keyboard.press('j');
    for (let press = 0; press < 4; press += 1) {
      await on.page.keyboard.press('Tab');
      expect(await on.page.evaluate(`document.querySelector('[role=dialog]').contains(document.activeElement)`)).toBe(true);
    }
    await on.page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await until('the row has the focus again', async () => (await focused()) === 'lisbon');
  });

  it('keys with a modifier are the browser’s', async () => {
    await on.open('?section=services');
    await on.page.keyboard.press('Control+j');
    await on.page.keyboard.press('Alt+j');
    expect(await on.page.evaluate('document.activeElement === document.body')).toBe(true);
  });

  it('the menu of a row opens, is gone through, and gives the focus back', async () => {
    await on.open('?section=federation');
    await on.page.getByRole('button', { name: 'Actions for Lisbon' }).focus();
    await on.page.keyboard.press('Enter');
    await on.page.getByRole('menu').waitFor();
    await until('it has the focus', () => on.page.evaluate<boolean>(`document.activeElement.closest('[role=menu]') !== null`));
    await on.page.keyboard.press('ArrowDown');
    await until('the first has it', async () => (await focused()) === 'Open');
    await on.page.keyboard.press('ArrowDown');
    await until('the second has it', async () => (await focused()) === 'Show its events');
    await on.page.keyboard.press('Escape');
    await on.page.getByRole('menu').waitFor({ state: 'detached' });
    await until('the button has it again', () =>
      on.page.evaluate<boolean>(`document.activeElement.getAttribute('aria-label') === 'Actions for Lisbon'`),
    );
  });

  it('a dialog asked for by a menu gives the focus back to the button of the menu', async () => {
    await on.open('?section=federation');
    await on.page.getByRole('button', { name: 'Actions for Lisbon' }).click();
    await on.page.getByRole('menuitem', { name: 'Edit label…' }).click();
    await on.page.getByRole('dialog', { name: 'Edit label' }).waitFor();
    await until('the field has the focus', () => on.page.evaluate<boolean>(`document.activeElement.matches('input')`));
    await on.page.keyboard.press('Escape');
    await until('the button has it again', () =>
      on.page.evaluate<boolean>(`document.activeElement.getAttribute('aria-label') === 'Actions for Lisbon'`),
    );
  });

  it('the first Tab offers to go to the list', async () => {
    await on.open('?section=services');
    await on.page.keyboard.press('Tab');
    expect(await focused()).toBe('To the list');
    await on.page.keyboard.press('Enter');
    expect(await on.page.evaluate('document.activeElement.id')).toBe('content');
  });
});
