import type { Page } from 'playwright-core';
import { type Eye, describePage, openEye, violationsOn } from './page/browser.js';
import { type System, dataDir, newLoginLink, outage, startSystem } from './system.js';

/** A component is red within its interval, three failures and their time-outs; the live observer is faster. */
const NAMED_MS = 45_000;

describePage('the page on the real system', () => {
  const data = dataDir();
  let system: System;
  let eye: Eye;
  let page: Page;
  beforeAll(async () => {
    system = await startSystem({ dataDir: data.path });
    eye = await openEye({ baseURL: system.origin });
    page = await eye.newPage();
  }, 180_000);
  afterAll(async () => {
    await eye.close();
    await system.stop();
    await data.remove();
  }, 60_000);

  const row = (id: string, status: string) => page.locator(`[data-row="${id}"][data-status="${status}"]`);

  it('lets in who has the link that npm run login prints', async () => {
    await page.goto(await newLoginLink(data.path));
    await page.waitForURL('**/infrastructure**');
    await page.locator('[data-verdict]').first().waitFor();
  });

  it('shows a peer that somebody else adds, without being asked', async () => {
    await page.goto('/infrastructure?section=federation');
    await page.locator('[data-freshness=live]').first().waitFor({ state: 'attached' });
    const added = await system.call('POST', 'peers', { remote_peer_id: 'inst-page', label: 'Lisbon', url: 'https://lisbon.example' });
    await row(added.body.peer_id, 'pending').first().waitFor();
  });

  it('has nothing that axe finds wrong, and nothing that the policy refuses', async () => {
    const unanswered: string[] = []; // A page that asks for what the API does not have is broken where nobody looks.
    page.on('response', (response) => void (response.status() >= 400 && unanswered.push(`${response.status()} ${response.url()}`)));
    for (const section of ['federation', 'edge', 'services', 'events']) {
      await page.goto(`/infrastructure?section=${section}`);
      await page.locator('[data-freshness=live]').first().waitFor({ state: 'attached' });
      expect([section, await violationsOn(page)]).toEqual([section, []]);
    }
    expect(eye.complaints).toEqual([]);
    expect(unanswered).toEqual([]);
  }, 60_000);

  it.each([
    ['postgresql', 'postgres'],
    ['nats', 'nats'],
    ['valkey', 'valkey'],
  ] as const)(
    'names %s red while it does not answer, and no longer afterwards',
    async (component, server) => {
      await page.goto('/infrastructure?section=services&show=all');
      await page.locator(`[data-row="${component}"]`).first().waitFor({ state: 'attached' });
      await outage(system, server, async () => {
        await row(component, 'red').first().waitFor({ timeout: NAMED_MS });
        await page.locator('[data-verdict=down]').first().waitFor({ state: 'attached', timeout: NAMED_MS });
      });
      await row(component, 'red').first().waitFor({ state: 'detached', timeout: NAMED_MS });
    },
    120_000,
  );
});
