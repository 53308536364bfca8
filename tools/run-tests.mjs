import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { count, slowest } from './count-tests.mjs';

const JEST = 'node_modules/jest/bin/jest.js';

/** With `--again` a run in which more files than this failed is not given a second one. */
const MAX_AGAIN = 3;

/**
 * Runs jest, shows what it says, then one line with the figures. Resolves with the exit code.
 *
 * `--again`, for CI: the files that failed run once more, by themselves. A test that passes then was unsteady: it is named, and is a defect
 * to be mended, but does not hold up the work of others. A test that fails twice fails.
 */
export async function runTests(node, root, args) {
  const others = args.filter((arg) => arg !== '--again');
  const reasons = JSON.parse(readFileSync(join(root, 'test/skips.json'), 'utf8'));
  // Tests that a name pattern leaves out are reported as skipped, too.
  const wanted = others.some((arg) => /^(-t|--testNamePattern)/.test(arg)) ? { '': 'not chosen' } : reasons;
  const first = await run(node, root, others);
  if (first.results === undefined) return first.code || 1; // Jest has said why.
  const again = args.includes('--again') ? failedFiles(first.results) : [];
  if (again.length === 0 || again.length > MAX_AGAIN) return report(first, wanted);
  console.log(`Running again what failed, by itself: ${again.join(', ')}`);
  const second = await run(node, root, ['--runInBand', '--runTestsByPath', ...again]);
  if (second.results === undefined) return second.code || 1;
  const ran = new Set(second.results.testResults.map(({ name }) => name));
  const kept = first.results.testResults.filter(({ name }) => !ran.has(name)); // What did not run again failed.
  const failed = first.results.testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === 'failed');
  if (second.code === 0) for (const { fullName } of failed) console.log(`UNSTEADY, failed among others and passed alone: ${fullName}`);
  return report({ code: second.code, results: { testResults: [...kept, ...second.results.testResults] } }, wanted);
}

const failedFiles = ({ testResults }) => testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);

function report({ code, results }, reasons) {
  const { passed, failed, skipped, complaints } = count(results, reasons);
  for (const line of slowest(results, process.cwd())) console.log(line);
  for (const complaint of complaints) console.log(complaint);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return code || (failed > 0 || passed === 0 ? 1 : 0);
}

/** One run of jest; `results` undefined: it came to none. */
async function run(node, root, args) {
  const dir = mkdtempSync(join(tmpdir(), 'clawbutler-results-'));
  const outputFile = join(dir, 'results.json');
  try {
    const code = await jest(node, [JEST, '--json', `--outputFile=${outputFile}`, ...args], root);
    return { code, results: existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, 'utf8')) : undefined };
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
