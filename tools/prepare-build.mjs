import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NotReady } from './not-ready.mjs';

/** What is built: from which files, by which command, into what. It is up to date while its stamp is the digest of its files. */
const PARTS = [
  {
    name: 'server',
    sources: ['apps', 'libs', 'nest-cli.json', 'tsconfig.json', 'package-lock.json'],
    without: /^apps\/dashboard(\/|$)/,
    command: (root) => [join(root, 'node_modules/@nestjs/cli/bin/nest.js'), 'build', 'standalone'],
    cwd: '.',
    // nest leaves what is no longer in the sources
    clear: (root) => [
      ...entries(join(root, 'dist/apps'))
        .filter((app) => app !== 'dashboard')
        .map((app) => `dist/apps/${app}`),
      'dist/libs',
    ],
  },
  {
    name: 'dashboard',
    sources: ['apps/dashboard', 'package-lock.json'],
    without: /^$/,
    command: (root) => [join(root, 'node_modules/vite/bin/vite.js'), 'build'],
    cwd: 'apps/dashboard',
    clear: () => ['dist/apps/dashboard'],
  },
];
const NOT_BUILT = /(^|\/)(node_modules|dist|test|testing)(\/|$)|\.spec\.tsx?$/;

const entries = (dir) => (existsSync(dir) ? readdirSync(dir) : []);
const partsOf = (root) => PARTS.filter(({ name }) => name !== 'dashboard' || existsSync(join(root, 'apps/dashboard/vite.config.ts')));
const stampOf = (root, { name }) => join(root, `dist/.built-from-${name}`);

/** Whether everything is built from the sources as they are. */
export const isBuilt = (root) => partsOf(root).every((part) => isUpToDate(root, part));

function isUpToDate(root, part) {
  const stamp = stampOf(root, part);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOf(root, part);
}

/** Over the names and contents of all sources of a part. */
function digestOf(root, { sources, without }) {
  const hash = createHash('sha256');
  const add = (path) => {
    if (NOT_BUILT.test(path) || without.test(path)) return;
    const children = readdirOrNull(join(root, path));
    if (children !== null) children.sort().forEach((child) => add(`${path}/${child}`));
    else
      hash
        .update(`${path}\0`)
        .update(readFileSync(join(root, path)))
        .update('\0');
  };
  sources.filter((source) => existsSync(join(root, source))).forEach(add);
  return hash.digest('hex');
}

function readdirOrNull(path) {
  try {
    return readdirSync(path);
  } catch (error) {
    if (error.code === 'ENOTDIR') return null;
    throw error;
  }
}

/** Builds what is not up to date, or everything. A build that breaks off leaves no stamp, and so is done again. */
export async function build(root, node, say, anyway) {
  for (const part of partsOf(root)) {
    if (!anyway && isUpToDate(root, part)) continue;
    say(`Building the ${part.name} ...`);
    const started = Date.now();
    const digest = digestOf(root, part);
    rmSync(stampOf(root, part), { force: true });
    for (const old of part.clear(root)) rmSync(join(root, old), { recursive: true, force: true });
    await run(root, node, part);
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(stampOf(root, part), digest);
    say(`The ${part.name} is built (${((Date.now() - started) / 1000).toFixed(1)} s).`);
  }
}

/** Quiet unless it fails. */
async function run(root, node, { name, command, cwd }) {
  const builder = spawn(node, command(root), { cwd: join(root, cwd), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [builder.stdout, builder.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const how = await new Promise((resolve) => {
    builder.once('error', (error) => resolve(error.message));
    builder.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  if (how === undefined) return;
  process.stderr.write(Buffer.concat(output));
  throw new NotReady('runtime.build-failed', `The ${name} cannot be built: ${how}.`, 'The lines above tell where.');
}
