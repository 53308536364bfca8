import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildPage } from './browser.js';

const BUDGET_BYTES = 160 * 1024;

/** Every script that must be there before the first route is shown: the entry and all it imports, not what it may ask for later. */
async function firstRoute(dir: string): Promise<Map<string, number>> {
  const html = await readFile(join(dir, 'index.html'), 'utf8');
  const sizes = new Map<string, number>();
  const visit = async (path: string): Promise<void> => {
    if (sizes.has(path)) return;
    const source = await readFile(join(dir, path));
    sizes.set(path, gzipSync(source, { level: 9 }).length);
    for (const [, name] of source.toString().matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)) await visit(`assets/${name}`);
  };
  for (const [, src] of html.matchAll(/<script[^>]+src="\/([^"]+)"/g)) await visit(src!);
  return sizes;
}

it(`the first route is at most ${BUDGET_BYTES / 1024} KB of gzipped JavaScript`, async () => {
  const { dir, remove } = await buildPage();
  try {
    const sizes = await firstRoute(dir);
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    expect(sizes.size).toBeGreaterThan(1);
    // React alone is more than this: less would mean that the scripts were not found.
    expect(total).toBeGreaterThan(60 * 1024);
    expect(total).toBeLessThanOrEqual(BUDGET_BYTES);
  } finally {
    await remove();
  }
}, 60_000);

it('brings no inline script, no inline style and nothing from elsewhere', async () => {
  const { dir, remove } = await buildPage();
  try {
    const html = await readFile(join(dir, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<style|style=|<script(?![^>]+src=)|https?:\/\//);
    expect(html).toContain('blocking="render"');
  } finally {
    await remove();
  }
}, 60_000);
