// `./node_modules/.bin/node tools/screenshots.mjs`: takes docs/page.png and docs/page-dark.png of the demo's world, which it starts and
// removes again: an agent that died, last known values beside it, and one that is well, opened. Needs a build (npm run build) and a
// Chromium, which it finds as the tests do: CHROMIUM_BIN, or the first on PATH.
import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import '../libs/runtime/testing/typescript.mjs'; // Before what imports TypeScript.
import { startDemo } from '../test/demo/demo.mjs';
import { NotReady, orRefuse, say } from './not-ready.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** So long until the agent that keeps dying has died, and is shown so. */
const DEAD_MS = 120_000;
const SIZE = { width: 1280, height: 640 };
const SHOTS = { 'docs/page.png': 'light', 'docs/page-dark.png': 'dark' };

await orRefuse(async () => {
  if (!existsSync(join(ROOT, 'dist/apps/standalone/src/main.js')))
    throw new NotReady('runtime.not-built', 'The system is not built.', 'Run npm run build first.');
  const executablePath = chromiumPath();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort(new Error('it was told to stop')));
  const demo = await startDemo({ say, signal: stop.signal });
  const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
  try {
    await shoot(browser, demo);
  } finally {
    await browser.close();
    await demo.end();
  }
});

function chromiumPath() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const dirs = (process.env.PATH ?? '').split(delimiter).filter((each) => each !== '');
  const found = process.env.CHROMIUM_BIN || dirs.flatMap((each) => names.map((name) => join(each, name))).find((file) => existsSync(file));
  if (found === undefined)
    throw new NotReady('runtime.chromium-missing', 'There is no Chromium on PATH.', 'Install one, or name it in CHROMIUM_BIN.');
  return found;
}

async function shoot(browser, { lisbon, fleet }) {
  const page = await browser.newPage({ baseURL: lisbon.origin, viewport: SIZE, reducedMotion: 'reduce' });
  await page.goto(await lisbon.loginLink());
  await page.waitForURL('**/infrastructure**');
  await page.goto(`/infrastructure?section=edge&id=${fleet.agents.berlin}&show=all`);
  await page.locator('[data-freshness=live]').waitFor();
  await page.getByRole('dialog').getByRole('tab').first().waitFor();
  await page.locator(`[data-row="${fleet.agents[fleet.dying]}"][data-status=disconnected]`).first().waitFor({ timeout: DEAD_MS });
  for (const [file, colorScheme] of Object.entries(SHOTS)) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(ROOT, file) });
    say(file);
  }
}
