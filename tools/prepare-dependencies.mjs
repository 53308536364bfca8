import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NotReady } from './not-ready.mjs';

const HEARTBEAT_MS = 15_000;

/** In node_modules, so that it goes with them: the package-lock.json they were installed from. */
const stampOf = (root) => join(root, 'node_modules/.installed-from');

/** Whether node_modules are those of package-lock.json, however they came there. */
export function areInstalled(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).digest('hex');
  if (read(stampOf(root)) === digest) return true;
  if (!arePresent(root, JSON.parse(lock).packages)) return false;
  try {
    writeFileSync(stampOf(root), digest);
  } catch {
    // someone else's node_modules: right all the same, and compared anew each time
  }
  return true;
}

/**
 * Whether npm came to its end (it leaves a file then) and each package is there in its version. What npm notes in that file is
 * no help: `npm install --package-lock-only` writes what it has not installed. Other platforms' packages are optional.
 */
function arePresent(root, packages) {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  return Object.entries(packages)
    .filter(([path]) => path.startsWith('node_modules/'))
    .every(([path, { version, link, optional }]) => {
      const found = read(join(root, path, 'package.json'));
      return found === undefined ? optional === true : link === true || JSON.parse(found).version === version;
    });
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** `npm ci`. npm shows a bar on a terminal; elsewhere a line now and then says that it is still at it. */
export async function install(root, say) {
  say('Installing dependencies (npm ci, a minute or two the first time) ...');
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const heartbeat = process.stderr.isTTY ? undefined : setInterval(() => say(`  still installing, ${seconds()} s`), HEARTBEAT_MS);
  // without our own node_modules: npm is about to replace the Node in there
  const path = process.env.PATH.split(delimiter).filter((dir) => !dir.startsWith(join(root, 'node_modules')));
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 'inherit'],
    env: { ...process.env, PATH: path.join(delimiter) },
  });
  const how = await new Promise((resolve) => {
    npm.once('error', (error) => resolve(error.code === 'ENOENT' ? 'there is no npm on PATH' : error.message));
    npm.once('exit', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  clearInterval(heartbeat);
  if (how !== undefined) {
    throw new NotReady(
      'runtime.install-failed',
      `npm ci did not get through: ${how}.`,
      'What npm says above tells why: no network, a registry that lacks a package, or a directory that is not yours.',
    );
  }
  say(`Dependencies installed in ${seconds()} s.`);
  areInstalled(root);
}
