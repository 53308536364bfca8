/**
 * The figures of a run, from jest's own account of it.
 * - A test file that could not be run counts as one failed test: nobody knows how many are in it.
 * - A test that was skipped counts as skipped where `reasons` says why, by its full name or the beginning of it; else as failed.
 * - Not a single test run is a failure.
 *
 * @param {{ testResults: { name: string, message: string, assertionResults: { fullName: string, status: string }[] }[] }} results
 * @param {Record<string, string>} reasons test/skips.json
 */
export function count({ testResults }, reasons) {
  const figures = { passed: 0, failed: 0, skipped: 0, complaints: [] };
  const fail = (complaint) => {
    figures.failed++;
    if (complaint !== undefined) figures.complaints.push(complaint);
  };
  for (const { name, status, assertionResults } of testResults) {
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) fail(`Could not be run: ${name}`);
    for (const test of assertionResults) {
      if (test.status === 'passed') figures.passed++;
      else if (test.status === 'failed') fail();
      else if (Object.keys(reasons).some((listed) => test.fullName.startsWith(listed))) figures.skipped++;
      else fail(`Skipped without a reason in test/skips.json: ${test.fullName}`);
    }
  }
  if (figures.passed + figures.failed === 0) fail('No test was run.');
  return figures;
}

const SHOWN = 10;

/** The files that took longest, `12.3 s  test/e2e/outage.spec.ts`; of a run of few files none. */
export function slowest({ testResults }, root) {
  if (testResults.length <= SHOWN) return [];
  const times = testResults.map(({ name, startTime = 0, endTime = 0 }) => ({ name, s: (endTime - startTime) / 1_000 }));
  const top = times.sort((a, b) => b.s - a.s).slice(0, SHOWN);
  return ['The slowest files:', ...top.map(({ name, s }) => `${s.toFixed(1).padStart(7)} s  ${name.replace(`${root}/`, '')}`)];
}
