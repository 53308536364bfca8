// What has to be there before anything of ours can run: the dependencies, the build, Node 24. Only what Node 20 brings.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atLeast } from './node-version.mjs';
import { NotReady, say } from './not-ready.mjs';
import { build, isBuilt } from './prepare-build.mjs';
import { areInstalled, install } from './prepare-dependencies.mjs';
import { inTurn } from './prepare-turn.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** What the packages that we build on demand of Node. */
const NODE_WANTED = '24.15';

/**
 * Installs and builds what is missing or out of date, saying so, and one process at a time; says nothing where all is there.
 * @returns {Promise<{ root: string, node: string }>} where the project is, and the Node to run it with
 */
export async function prepare({ buildAnyway = false } = {}) {
  if (!buildAnyway && areInstalled(ROOT) && isBuilt(ROOT)) return { root: ROOT, node: nodeOf(ROOT) };
  return inTurn(join(ROOT, '.cache'), say, async () => {
    if (!areInstalled(ROOT)) await install(ROOT, say);
    const node = nodeOf(ROOT);
    await build(ROOT, node, say, buildAnyway);
    return { root: ROOT, node };
  });
}

/** Node 24: the one that npm installed, else the one we run on. */
function nodeOf(root) {
  for (const node of [join(root, 'node_modules/.bin/node'), process.execPath]) {
    const { status, stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    if (status === 0 && atLeast(stdout.trim().slice(1), NODE_WANTED)) return node;
  }
  const wanted = existsSync(join(root, '.nvmrc')) ? readFileSync(join(root, '.nvmrc'), 'utf8').trim() : NODE_WANTED;
  throw new NotReady(
    'runtime.node-missing',
    `Node ${NODE_WANTED} or newer is needed; npm has none that runs on ${process.platform}-${process.arch} here, and this is ${process.version}.`,
    `Install Node ${wanted} (nvm and fnm read .nvmrc), then run this again.`,
  );
}
