import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const ROOT = resolve(import.meta.dirname, '../../..');
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** `CHROMIUM_BIN`, or the first on PATH; null: there is none, and the specs of the page are skipped. */
export function chromiumPath(): string | null {
  const named = process.env.CHROMIUM_BIN;
  if (named !== undefined && named !== '') return named;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((file) => existsSync(file)) ?? null;
}

/** `describe`, where there is a Chromium to look with. All names begin alike, so that one reason covers the skipping of all. */
export const describePage = (name: string, tests: () => void): void =>
  (chromiumPath() === null ? describe.skip : describe)(`in Chromium, ${name}`, tests);

/** Builds the page into a directory of its own, so that a spec sees the sources as they are. */
export async function buildPage(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'page-'));
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build', 'apps/dashboard', '--outDir', dir, '--emptyOutDir', '--logLevel', 'warn'], {
    cwd: ROOT,
  });
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
];

export interface Looking extends Pick<BrowserContextOptions, 'viewport' | 'colorScheme' | 'reducedMotion'> {
  /** As `http://127.0.0.1:4600`. */
  baseURL: string;
}

/** A browser with nothing in it yet, and what it complained about: a page that works complains about nothing. */
export interface Eye {
  readonly context: BrowserContext;
  newPage(): Promise<Page>;
  /** Errors of scripts, and what the Content-Security-Policy refused. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** One Chromium with a fresh profile. Works against any origin that serves the page, the contract server or the real system. */
export async function openEye({ baseURL, viewport = { width: 1280, height: 800 }, ...options }: Looking): Promise<Eye> {
  const profile = await mkdtemp(join(tmpdir(), 'page-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath()!,
    headless: true,
    args: FLAGS,
    chromiumSandbox: false,
    baseURL,
    viewport,
    ...options,
  });
  const complaints: string[] = [];
  const newPage = async (): Promise<Page> => {
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !isOfTheNetwork(message.text())) complaints.push(message.text());
    });
    return page;
  };
  const close = async (): Promise<void> => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { context, newPage, complaints, close };
}

/** A refusal by HTTP is logged by the browser, but is no fault of the page. */
const isOfTheNetwork = (text: string): boolean => text.startsWith('Failed to load resource');

export interface Violation {
  readonly id: string;
  readonly help: string;
  readonly where: string[];
}

/** What axe-core finds wrong with the page as it is now. */
export async function violationsOn(page: Page): Promise<Violation[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // By the debugger, since the policy of the page lets no foreign script in.
  await page.evaluate(axe);
  return page.evaluate<Violation[]>(`(async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.target.join(' ') + ': ' + node.failureSummary) }));
  })()`);
}

/** Logs in with a one-time code, as the link printed at start does. `origin`: where, if not at the `baseURL` of the eye. */
export async function logIn(page: Page, code: string, origin = ''): Promise<void> {
  await page.goto(`${origin}/login#code=${encodeURIComponent(code)}`);
  await page.waitForURL('**/infrastructure**');
}
