import { describePage } from './browser.js';
import { rowNames, stage, until } from './stage.js';

describePage('a row that is opened', () => {
  const on = stage();
  const open = async (id: string): Promise<void> => {
    await on.page.locator(`[data-row=${id}] [data-row-link]`).click();
    await on.page.locator('[data-drawer]').waitFor();
  };
  const close = async (): Promise<void> => {
    await on.page.keyboard.press('Escape');
    await on.page.locator('[data-drawer]').waitFor({ state: 'detached' });
  };
  const query = (): Record<string, string> => Object.fromEntries(new URL(on.page.url()).searchParams);
  const hasFocus = (id: string): Promise<void> =>
    until(`${id} has the focus`, () => on.page.evaluate<boolean>(`document.activeElement.closest('[data-row]')?.dataset.row === '${id}'`));

  it('leaves search, filter and fold in the address, and gets the focus back', async () => {
    const list = { section: 'services', status: 'up', q: 'a', show: 'all' };
    await on.open(`?${new URLSearchParams(list).toString()}`);
    const names = await rowNames(on.page);
    await open('nats');
    expect(query()).toEqual({ ...list, id: 'nats' });
    expect(await on.page.getByRole('searchbox').inputValue()).toBe('a');
    expect(await rowNames(on.page)).toEqual(names);
    await close();
    expect(query()).toEqual(list);
    await hasFocus('nats');
  });

  it('has a link with the same address, to open elsewhere', async () => {
    await on.open('?section=services&status=up&show=all');
    const href = await on.page.locator('[data-row=nats] [data-row-link]').getAttribute('href');
    expect(Object.fromEntries(new URLSearchParams(href!.split('?')[1]))).toEqual({
      section: 'services',
      status: 'up',
      show: 'all',
      id: 'nats',
    });
  });

  it('does not fold the rows among which it stands', async () => {
    await on.open('?section=services');
    await on.page.getByRole('button', { name: /healthy.*Show/ }).click();
    const names = await rowNames(on.page);
    await open('nats');
    expect(await rowNames(on.page)).toEqual(names);
    await close();
    await hasFocus('nats');
  });

  it('stays when it is one of the folded and somebody had its link', async () => {
    await on.open('?section=services&id=nats');
    expect(await rowNames(on.page)).toContain('NATS JetStream');
    await on.page.locator('[data-drawer]').focus();
    await close();
    await hasFocus('nats');
  });

  it('stays when it recovers and would be folded, or does not match the filter any more', async () => {
    for (const list of ['', '&status=degraded']) {
      await on.open(`?section=services${list}`);
      await open('valkey');
      on.server.change('services', 'valkey', { status: 'green', health: 'up', reason: null });
      await on.page.locator('[data-row=valkey][data-health=up]').waitFor();
      await close();
      await hasFocus('valkey');
      on.server.change('services', 'valkey', { status: 'amber', health: 'degraded', reason: 'slow' });
    }
    await on.page.getByRole('button', { name: /^All/ }).click();
    on.server.change('services', 'valkey', { status: 'green', health: 'up', reason: null });
    await on.page.locator('[data-row=valkey]').waitFor({ state: 'detached' }); // Another list: what was open there says nothing here.
  });

  it('that is gone from the list gives the focus to the list', async () => {
    await on.open('?section=federation');
    const id = (await on.page.locator('[data-row]').first().getAttribute('data-row'))!;
    await open(id);
    on.server.change('federation', id, null);
    await on.page.locator(`[data-row=${id}]`).waitFor({ state: 'detached' });
    await close();
    await until('the list has the focus', () => on.page.evaluate<boolean>(`document.activeElement.id === 'content'`));
  });

  it('of the calls keeps the list beside the drawer as it is', async () => {
    await on.open('?section=federation&q=o&show=all');
    await open('peer-77c01d5e9a2b4410');
    await on.page.getByRole('tab', { name: 'Calls' }).click();
    await on.page.locator('[data-call]').first().getByRole('link').click();
    await until('the call is in the address', () => 'call' in query());
    expect(query()).toMatchObject({ q: 'o', show: 'all', id: 'peer-77c01d5e9a2b4410', tab: 'calls' });
  });
});
