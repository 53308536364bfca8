import { execFileSync } from 'node:child_process';
import { type Project, project, type Run } from './project.js';

let at: Project;
beforeEach(() => {
  at = project();
});
afterEach(() => at.discard());

const INSTALLS = 'Installing dependencies';
const BUILDS = 'Building the server';
const builds = (): number => (at.read('builds.log') ?? '').split('\n').filter(Boolean).length;

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within 20 s: ${what}`);
    await new Promise((look) => setTimeout(look, 20));
  }
}
const mainRuns = (): Promise<void> => until(() => /^pid \d+$/m.test(at.read('main.log') ?? ''), 'main runs');
const mainPid = (): number => Number(/^pid (\d+)$/m.exec(at.read('main.log') ?? '')?.[1]);
/** What main noted besides its pid. */
const noted = (): string[] => (at.read('main.log') ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('pid'));
const ended = async (run: Run): Promise<[number | NodeJS.Signals | null, string]> => [await run.ended, run.output()];

describe('what is missing is made, said in a line, and only once', () => {
  it('installs, builds and runs; then just runs', async () => {
    const [code, said] = await ended(at.run('start.mjs', ['--end']));
    expect({ code, installs: said.includes(INSTALLS), builds: said.includes(BUILDS) }).toEqual({ code: 5, installs: true, builds: true });
    expect(await ended(at.run('start.mjs', ['--end']))).toEqual([5, '']);
  });

  it('builds again when a source has changed, and not for a spec', async () => {
    await at.run('start.mjs', ['--end']).ended;
    at.write('apps/standalone/src/main.spec.ts', 'it');
    expect(await ended(at.run('start.mjs', ['--end']))).toEqual([5, '']);
    at.write('apps/standalone/src/main.js', 'process.exit(9);');
    at.write('dist/apps/standalone/src/stale.js', '');
    const [code, said] = await ended(at.run('start.mjs'));
    expect({ code, installs: said.includes(INSTALLS), builds: said.includes(BUILDS) }).toEqual({ code: 9, installs: false, builds: true });
    expect(at.read('dist/apps/standalone/src/stale.js')).toBeNull();
  });

  it('installs again when the lock names another version, and not when only its text has changed', async () => {
    await at.run('start.mjs', ['--end']).ended;
    at.write('package-lock.json', `${at.read('package-lock.json')}\n`);
    expect((await ended(at.run('start.mjs', ['--end'])))[1]).not.toContain(INSTALLS);
    at.write('packages/more/package.json', '{"name":"more","version":"1.0.0"}');
    at.write('package.json', at.read('package.json')!.replace('"jest"', '"more":"file:packages/more","jest"'));
    execFileSync('npm', ['install', '--package-lock-only', '--offline', '--no-audit', '--no-fund'], { cwd: at.dir, stdio: 'ignore' });
    expect((await ended(at.run('start.mjs', ['--end'])))[1]).toContain(INSTALLS);
    expect(at.read('node_modules/more/package.json')).not.toBeNull();
  });

  it('of two starts at once one prepares and the other waits', async () => {
    const runs = await Promise.all([at.run('start.mjs', ['--end']), at.run('start.mjs', ['--end'])].map(ended));
    expect(runs.map(([code]) => code)).toEqual([5, 5]);
    expect(runs.filter(([, said]) => said.includes(INSTALLS))).toHaveLength(1);
    expect(runs.filter(([, said]) => said.includes('waiting for it'))).toHaveLength(1);
    expect(builds()).toBe(1);
  });

  it('a start killed while it prepares is in nobody’s way', async () => {
    at.write('hang', '');
    const killed = at.run('start.mjs');
    await until(() => builds() === 1, 'the build hangs');
    process.kill(-killed.pid, 'SIGKILL');
    await killed.ended;
    at.remove('hang');
    expect(await at.run('start.mjs', ['--end']).ended).toBe(5);
  });
});

describe('what cannot be made is told in a sentence', () => {
  it('a build that fails', async () => {
    at.write('broken', '');
    const [code, said] = await ended(at.run('start.mjs'));
    expect(code).toBe(1);
    expect(said).toContain('src/main.ts: what is this?');
    expect(said).toContain('The server cannot be built: exit code 3. (runtime.build-failed)');
    at.remove('broken');
    expect(await at.run('start.mjs', ['--end']).ended).toBe(5);
  });

  it('no npm', async () => {
    const [code, said] = await ended(at.run('start.mjs', [], { PATH: '/nowhere' }));
    expect(code).toBe(1);
    expect(said).toContain('npm ci did not get through: there is no npm on PATH. (runtime.install-failed)');
  });

  it('a Node that is too old', () => {
    const old = `Object.defineProperty(process.versions, 'node', { value: '18.20.1' }); await import('./tools/start.mjs');`;
    const run = (): string =>
      execFileSync(process.execPath, ['--input-type=module', '-e', old], { cwd: at.dir, stdio: 'pipe', encoding: 'utf8' });
    expect(run).toThrow('Node 18.20.1 is too old here (runtime.node-too-old). Install Node 20 or newer');
  });
});

describe('while it runs', () => {
  it('Ctrl-C reaches the system once, however many copies come, and its exit code is ours', async () => {
    const run = at.run('start.mjs');
    await mainRuns();
    for (let copy = 0; copy < 3; copy++) process.kill(-run.pid, 'SIGINT');
    expect(await run.ended).toBe(7);
    expect(noted()).toEqual(['SIGINT']);
  });

  it('the system hears of it when the starter is killed', async () => {
    const run = at.run('start.mjs');
    await mainRuns();
    process.kill(run.pid, 'SIGKILL');
    await until(() => noted().length > 0, 'main hears of it');
    expect(noted()).toEqual(['alone']);
  });

  it('a system that is killed gives the exit code of that signal', async () => {
    const run = at.run('start.mjs');
    await mainRuns();
    process.kill(mainPid(), 'SIGKILL');
    expect(await run.ended).toBe(137);
  });
});
