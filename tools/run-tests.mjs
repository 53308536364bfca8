import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { count } from './count-tests.mjs';

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];

/** Runs jest, shows what it says, then one line with the figures. Resolves with the exit code. */
export async function runTests(node, root, args) {
  const dir = mkdtempSync(join(tmpdir(), 'clawbutler-results-'));
  const outputFile = join(dir, 'results.json');
  try {
    const code = await jest(node, [...JEST, '--json', `--outputFile=${outputFile}`, ...args], root);
    if (!existsSync(outputFile)) return code || 1; // jest has said why
    const reasons = JSON.parse(readFileSync(join(root, 'test/skips.json'), 'utf8'));
    // tests that a name pattern leaves out are reported as skipped, too
    const chosen = args.some((arg) => /^(-t|--testNamePattern)/.test(arg));
    const { passed, failed, skipped, complaints } = count(
      JSON.parse(readFileSync(outputFile, 'utf8')),
      chosen ? { '': 'not chosen' } : reasons,
    );
    for (const complaint of complaints) console.log(complaint);
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return code || (failed > 0 || passed === 0 ? 1 : 0);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Ctrl-C reaches jest by itself, in our group; a plain kill does not. */
function jest(node, args, cwd) {
  const child = spawn(node, args, { cwd, stdio: 'inherit', env: { ...process.env, CLAWBUTLER_FETCH_SERVERS: 'first' } });
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
