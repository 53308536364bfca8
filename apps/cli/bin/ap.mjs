#!/usr/bin/env node
// The entry of `ap`: plain JavaScript that any Node >= 18 can read. The system needs Node 24; where an older one was found
// first, the one that npm installed in this repository takes over.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OLDEST = [24, 15];
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Says why `ap` cannot start, in the form of every other error of it. */
function giveUp(sentence, code, next) {
  process.stderr.write(`ap: ${sentence} (${code})\nnext: ${next}\n`);
  process.exitCode = 1;
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  const node = at('../../../node_modules/.bin/node');
  // The mark keeps a runtime that is itself too old from calling itself for ever.
  if (process.env.AP_REEXECUTED === undefined && existsSync(node)) handOver(node);
  else
    giveUp(
      `Node ${process.versions.node} is too old: ap needs ${OLDEST.join('.')} or newer`,
      'cli.node-too-old',
      'run npm ci in the repository, which brings a Node of its own, or put a newer Node first in PATH',
    );
} else await start();

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, AP_REEXECUTED: '1' },
  });
  // Ctrl-C reaches the child by itself (same process group); this process only has to live until the child has answered it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => giveUp(`${node} does not run: ${error.message}`, 'cli.node-too-old', 'run npm ci in the repository'));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code;
    else giveUp(`ended by ${signal}`, 'cli.interrupted', 'look at the state before you repeat it');
  });
}

async function start() {
  const main = at('../../../dist/apps/cli/src/main.js');
  if (!existsSync(main)) return giveUp('it is not built yet', 'cli.not-built', 'run npm start or npm run build first');
  const { version } = JSON.parse(readFileSync(at('../package.json'), 'utf8'));
  const { runAsProcess } = await import(new URL('../../../dist/apps/cli/src/main.js', import.meta.url).href);
  await runAsProcess(version);
}
