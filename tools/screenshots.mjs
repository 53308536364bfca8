// `./node_modules/.bin/node tools/screenshots.mjs [minutes]`: takes docs/page.png and docs/page-dark.png of a system of its own, which it
// starts on a free port and an empty data directory, gives two peers, lets run for so many minutes (0), and removes again. Needs a build
// (npm run build) and a Chromium, which it finds as the tests do: CHROMIUM_BIN, or the first on PATH.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { NotReady, orRefuse, say } from './not-ready.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const MAIN = join(ROOT, 'dist/apps/standalone/src/main.js');
const START_MS = 180_000;
/** So long until every service was probed and has its verdict. */
const VERDICTS_MS = 60_000;
const SIZE = { width: 1280, height: 640 };
const MINUTE_MS = 60_000;
const [minutes = '0'] = process.argv.slice(2);
const PEERS = [
  { remote_peer_id: 'inst-01kb3v9m2e7xqh5rgd0t8ynw4c', label: 'Lisbon, second hall', url: 'https://butler.lisbon.example' },
  { remote_peer_id: 'inst-01kb3vd41zt6fspw9a8mj2yc0k', label: 'Berlin lab', url: 'https://butler.berlin.example' },
];
const SHOTS = { 'docs/page.png': 'light', 'docs/page-dark.png': 'dark' };

await orRefuse(async () => {
  if (!existsSync(MAIN)) throw new NotReady('runtime.not-built', 'The system is not built.', 'Run npm run build first.');
  const executablePath = chromiumPath();
  const dir = mkdtempSync(join(tmpdir(), 'clawbutler-screenshots-'));
  chmodSync(dir, 0o711); // The servers, under another account, pass through.
  try {
    await withSystem(join(dir, 'data'), (link) => withBrowser(executablePath, (browser) => shoot(browser, link)));
  } finally {
    rmSync(dir, { recursive: true, force: true });
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

/** Runs a system for as long as `use` takes; gives it the login link. */
async function withSystem(dataDir, use) {
  say('Starting a system ...');
  const env = { ...process.env, DATA_DIR: dataDir, API_PORT: '0', PUBLIC_PORT: '0', API_HOST: '127.0.0.1' };
  const system = spawn(process.execPath, ['--enable-source-maps', MAIN], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((gone) => system.once('exit', gone));
  try {
    await use(await loginLink(system, ended));
  } finally {
    system.kill('SIGTERM');
    await ended;
  }
}

async function loginLink({ stdout }, ended) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const broken = (how) => reject(new NotReady('runtime.start-failed', `The system ${how}.`, 'The lines above tell why.'));
  const late = setTimeout(() => broken(`printed no login link within ${START_MS / 1000} s`), START_MS);
  let text = '';
  stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
    const link = /\S+\/login#code=\S+/.exec(text)?.[0];
    if (link !== undefined) resolve(link);
  });
  void ended.then(() => broken(`ended instead of starting: ${text.trim().split('\n').at(-1)}`));
  return promise.finally(() => clearTimeout(late));
}

async function withBrowser(executablePath, use) {
  const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

async function shoot(browser, link) {
  const page = await browser.newPage({ baseURL: new URL(link).origin, viewport: SIZE, reducedMotion: 'reduce' });
  await page.goto(link);
  await page.waitForURL('**/infrastructure**');
  await page.evaluate(register, PEERS);
  await page.waitForFunction(allJudged, undefined, { timeout: VERDICTS_MS, polling: 500 });
  await delay(Number(minutes) * MINUTE_MS);
  await page.goto('/infrastructure?section=services&id=nats');
  await page.locator('[data-freshness=live]').waitFor();
  await page.getByRole('dialog').getByRole('tab').first().waitFor();
  for (const [file, colorScheme] of Object.entries(SHOTS)) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(ROOT, file) });
    say(file);
  }
}

/** In the page, with its session: registers peers as any client would. */
async function register(peers) {
  const api = '/api/v1/infrastructure';
  const { csrf_token } = await (await fetch(`${api}/session`)).json();
  for (const peer of peers) {
    const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf_token };
    const answer = await fetch(`${api}/peers`, { method: 'POST', headers, body: JSON.stringify(peer) });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

/** In the page: whether every service has a verdict. */
async function allJudged() {
  const answer = await fetch('/api/v1/infrastructure/services');
  if (!answer.ok) return false;
  const { data } = await answer.json();
  return data.length > 0 && data.every(({ status }) => status !== 'unknown');
}
