import { type Project, project } from './project.js';

let at: Project;
beforeAll(() => {
  at = project();
});
afterAll(() => at.discard());
beforeEach(() => {
  at.remove('results.json');
  at.write('test/skips.json', '{"slow things": "need an hour"}');
});

type Status = 'passed' | 'failed' | 'pending' | 'todo';
const file = (tests: Record<string, Status>, status = 'passed', name = '/x/y.spec.ts') => ({
  name,
  status,
  assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
});

async function npmTest(files: object[], { exit = 0, args = [] as string[] } = {}): Promise<{ code: unknown; lines: string[] }> {
  at.write('results.json', JSON.stringify({ testResults: files }));
  const run = at.run('test.mjs', args, { JEST_EXIT: String(exit) });
  const code = await run.ended;
  return { code, lines: run.output().trim().split('\n') };
}

it('counts, in its last line', async () => {
  const { code, lines } = await npmTest([file({ a: 'passed', b: 'passed' }), file({ c: 'failed' }, 'failed')], { exit: 1 });
  expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: '2 passed, 1 failed, 0 skipped' });
});

it('a skip with its reason is a skip, by the beginning of its name', async () => {
  const { code, lines } = await npmTest([file({ a: 'passed', 'slow things of all kinds': 'pending' })]);
  expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: '1 passed, 0 failed, 1 skipped' });
});

it.each<Status>(['pending', 'todo'])('a test left %s without a reason has failed', async (status) => {
  const { code, lines } = await npmTest([file({ a: 'passed', b: status })]);
  expect(lines).toContain('Skipped without a reason in test/skips.json: b');
  expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: '1 passed, 1 failed, 0 skipped' });
});

it('a file that could not be run has failed, though no test of it did', async () => {
  const { code, lines } = await npmTest([file({ a: 'passed' }), file({}, 'failed')], { exit: 1 });
  expect(lines).toContain('Could not be run: /x/y.spec.ts');
  expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: '1 passed, 1 failed, 0 skipped' });
});

it('running nothing is a failure', async () => {
  const { code, lines } = await npmTest([]);
  expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: '0 passed, 1 failed, 0 skipped' });
});

it('a jest that fails without a failed test fails', async () => {
  const { code, lines } = await npmTest([file({ a: 'passed' })], { exit: 2 });
  expect({ code, last: lines.at(-1) }).toEqual({ code: 2, last: '1 passed, 0 failed, 0 skipped' });
});

it('tests left out by a name pattern need no reason', async () => {
  const { code, lines } = await npmTest([file({ a: 'passed', b: 'pending' })], { args: ['-t', 'a'] });
  expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: '1 passed, 0 failed, 1 skipped' });
});

it('names the ten files that took longest, when there are more', async () => {
  const files = Array.from({ length: 12 }, (_, i) => ({
    ...file({ a: 'passed' }, 'passed', `/x/${i}.spec.ts`),
    startTime: 0,
    endTime: i * 500,
  }));
  const { lines } = await npmTest(files);
  expect(lines.slice(-12)).toEqual([
    'The slowest files:',
    ...Array.from({ length: 10 }, (_, i) => `${((11 - i) / 2).toFixed(1).padStart(7)} s  /x/${11 - i}.spec.ts`),
    '12 passed, 0 failed, 0 skipped',
  ]);
});

describe('--again', () => {
  const failing = (count: number) => [
    file({ a: 'passed' }, 'passed', '/x/a.spec.ts'),
    ...Array.from({ length: count }, (_, i) => file({ [`f${i}`]: 'failed', b: 'passed' }, 'failed', `/x/${i}.spec.ts`)),
  ];
  async function again(second: object[], { exit = 0, count = 1, args = ['--again'] } = {}) {
    for (const left of ['again.log', 'again.json']) at.remove(left);
    at.write('again.json', JSON.stringify({ testResults: second }));
    at.write('results.json', JSON.stringify({ testResults: failing(count) }));
    const run = at.run('test.mjs', args, { JEST_EXIT: '1', JEST_AGAIN_EXIT: String(exit) });
    return { code: await run.ended, lines: run.output().trim().split('\n'), ran: at.read('again.log') };
  }

  it('runs a file that failed once more, and names the test that was unsteady', async () => {
    const { code, lines, ran } = await again([file({ f0: 'passed', b: 'passed' }, 'passed', '/x/0.spec.ts')]);
    expect({ code, ran, last: lines.at(-1) }).toEqual({ code: 0, ran: '/x/0.spec.ts', last: '3 passed, 0 failed, 0 skipped' });
    expect(lines).toContain('UNSTEADY, failed among others and passed alone: f0');
  });

  it('fails for a test that fails twice', async () => {
    const { code, lines } = await again([file({ f0: 'failed', b: 'passed' }, 'failed', '/x/0.spec.ts')], { exit: 1 });
    expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: '2 passed, 1 failed, 0 skipped' });
    expect(lines.join('\n')).not.toContain('UNSTEADY');
  });

  it('fails when the file did not run again', async () => {
    const { code, lines } = await again([]);
    expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: '2 passed, 1 failed, 0 skipped' });
  });

  it.each([
    ['more than three files failed', { count: 4 }],
    ['nobody asked for it', { args: [] }],
  ])('does not run again when %s', async (_when, how) => {
    const { code, ran } = await again([], how);
    expect({ code, ran }).toEqual({ code: 1, ran: null });
  });
});
