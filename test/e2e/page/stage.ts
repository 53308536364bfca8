import type { Page } from 'playwright-core';
import { type Eye, type Looking, buildPage, openEye } from './browser.js';
import { ContractServer } from './contract-server.js';

/** The built page before one contract server, new for every test; one Chromium for the file. */
export interface Stage {
  readonly server: ContractServer;
  readonly page: Page;
  /** Opens a place of the page, by its query, and waits until it is live. `loaded`: and until every answer it shows has come. */
  open(query?: string, loaded?: boolean): Promise<void>;
}

/** To be called inside a describe. What the page complains about on the console fails the test it happened in. */
export function stage(looking: Omit<Looking, 'baseURL'> = {}): Stage {
  let built: Awaited<ReturnType<typeof buildPage>>;
  let eye: Eye;
  let server: ContractServer;
  let page: Page;

  beforeAll(async () => {
    built = await buildPage();
    eye = await openEye({ baseURL: 'http://127.0.0.1', reducedMotion: 'reduce', ...looking });
  }, 60_000);
  beforeEach(async () => {
    server = await ContractServer.start(built.dir);
    eye.complaints.length = 0;
    page = await eye.newPage();
  });
  afterEach(async () => {
    await page.close();
    await server.stop();
    expect(eye.complaints).toEqual([]);
  });
  afterAll(async () => {
    await eye?.close();
    await built?.remove();
  });

  return {
    get server() {
      return server;
    },
    get page() {
      return page;
    },
    open: async (query = '', loaded = true) => {
      await page.goto(`${server.origin}/infrastructure${query}`);
      await page.locator('[data-freshness=live]').waitFor();
      await page.locator('main h2').waitFor();
      if (!loaded) return;
      if (query.includes('id=')) await page.locator('[data-drawer]').waitFor(); // Its code comes after that of the list.
      await page.getByRole('button', { name: /^Copy the id of this instance/, includeHidden: true }).waitFor(); // The session, and so the role.
      await page.locator('body:not(:has(.skeleton, [aria-busy=true]))').waitFor();
    },
  };
}

/** Waits until `met`; says what it waited for when that does not happen. */
export async function until(what: string, met: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await met())) {
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The rows in the order they stand. */
export const rowNames = (page: Page): Promise<string[]> => page.locator('[data-row-link]').allTextContents();
