import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestDir, testDir } from '@app/runtime/testing';
import { StartRefused } from './contract.js';
import { type DataDir, openDataDir } from './data-dir.js';
import { type Account, serverAccount } from './run-as.js';

let dir: TestDir;
const opened: DataDir[] = [];
const said: string[] = [];
beforeEach(() => {
  dir = testDir();
  said.length = 0;
});
afterEach(async () => {
  for (const data of opened.splice(0)) data.close();
  await dir.remove();
});

const at = (name: string): string => join(dir.path, name);
function open(path: string, account: Account | null = null, elsewhere?: string): DataDir {
  const data = openDataDir(path, account, (_, message) => said.push(message), elsewhere);
  opened.push(data);
  return data;
}
function refusal(attempt: () => unknown): StartRefused {
  try {
    attempt();
  } catch (error) {
    if (error instanceof StartRefused) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('the directory', () => {
  it('is made, and opens again with the same secrets, which nobody else can read', () => {
    const first = open(at('deep/data'));
    const secret = first.secret('key');
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(first.secret('other')).not.toBe(secret);
    first.close();
    expect(open(at('deep/data')).secret('key')).toBe(secret);
    expect(statSync(at('deep/data/secrets/key')).mode & 0o777).toBe(0o600);
    expect(statSync(at('deep/data/secrets')).mode & 0o777).toBe(0o700);
  });

  it('may be empty, as a new file system is', () => {
    mkdirSync(at('mounted/lost+found'), { recursive: true });
    expect(open(at('mounted')).serversDir).toBe(at('mounted/servers'));
  });

  it('is refused while a restore fills it, and after a restore that was killed', () => {
    open(at('data')).close();
    writeFileSync(at('data/restoring.json'), '{}');
    expect(refusal(() => open(at('data')))).toMatchObject({
      code: 'runtime.data-dir-half-restored',
      next: expect.stringContaining('remove the directory and run the restore again'),
    });
    rmSync(at('data/restoring.json'));
    open(at('data'));
  });

  it.each<[string, (path: string) => void, RegExp]>([
    ['holds other things', (path) => writeFileSync(join(path, 'thesis.doc'), ''), /holds other things \(thesis\.doc\)/],
    ['is of another version', (path) => writeFileSync(join(path, 'clawbutler.json'), '{"format":2}'), /another version .*format 2/],
    ['has a marker nobody can read', (path) => writeFileSync(join(path, 'clawbutler.json'), '{'), /cannot be read/],
  ])('is refused when it %s, and left as it was', (_, fill, words) => {
    mkdirSync(at('foreign'));
    fill(at('foreign'));
    const before = readdirSync(at('foreign'));
    const { code, message, next } = refusal(() => open(at('foreign')));
    expect({ code, next }).toEqual({ code: 'runtime.data-dir-foreign', next: 'Choose an empty or a new directory: DATA_DIR=...' });
    expect(message).toMatch(words);
    expect(readdirSync(at('foreign'))).toEqual(before);
  });

  it('is refused when it is a file', () => {
    writeFileSync(at('file'), '');
    expect(refusal(() => open(at('file')))).toMatchObject({
      code: 'runtime.data-dir-not-writable',
      message: expect.stringMatching(/is a file/),
    });
  });

  it('is refused where the file system makes no directories, instead of trying for ever', () => {
    const [dir, below] = ['/proc/clawbutler', '/proc/clawbutler/data'];
    for (const path of [dir, below])
      expect(refusal(() => open(path))).toMatchObject({
        code: 'runtime.data-dir-not-writable',
        next: 'Make it writable for this user, or choose another: DATA_DIR=...',
      });
  });

  it('is refused when it cannot be written', () => {
    mkdirSync(at('sealed'), { mode: 0o555 });
    const root = process.getuid?.() === 0;
    if (root) process.seteuid?.(65_534); // to root everything is writable
    try {
      const { code, message } = refusal(() => open(at('sealed')));
      expect({ code, message }).toEqual({
        code: 'runtime.data-dir-not-writable',
        message: `The data directory ${at('sealed')} cannot be used: permission denied.`,
      });
    } finally {
      if (root) process.seteuid?.(0);
    }
  });
});

describe('the lock', () => {
  const HOLD = `
    await import(process.argv[1] + '/libs/runtime/testing/typescript.mjs');
    const { takeLock } = await import(process.argv[1] + '/libs/runtime/src/lock.ts');
    globalThis.lock = takeLock(process.argv[2]);
    console.log('held');
    setInterval(() => undefined, 1000);`;

  async function holder(path: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', HOLD, process.cwd(), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return child;
  }

  it('refuses a second start, naming the holder, and is free when that closes', () => {
    const first = open(at('data'));
    const { code, message } = refusal(() => open(at('data')));
    expect(code).toBe('runtime.data-dir-in-use');
    expect(message).toContain(`is in use by process ${process.pid}, started `);
    first.close();
    expect(open(at('data')).path).toBe(at('data'));
  });

  it('counts between processes, and ends with a holder that is killed', async () => {
    open(at('data')).close();
    const other = await holder(at('data'));
    expect(refusal(() => open(at('data'))).message).toContain(`process ${other.pid}`);
    other.kill('SIGKILL');
    await once(other, 'exit');
    // its record still names it: a lock that went by pids would have to guess who has that pid now
    expect(JSON.parse(readFileSync(at('data/holder.json'), 'utf8'))).toMatchObject({ pid: other.pid });
    expect(open(at('data')).path).toBe(at('data'));
  });
});

/** The account of the servers is another than ours only when we are root. */
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;
asRoot('the data of the servers, when root starts them', () => {
  const account = serverAccount();
  beforeEach(() => {
    mkdirSync(at('home'), { mode: 0o700 });
    mkdirSync(at('elsewhere'), { mode: 0o755 });
    chmodSync(at('elsewhere'), 0o755);
  });

  it('stays in the data directory where their account can pass', () => {
    expect(open(at('data'), account, at('elsewhere')).serversDir).toBe(at('data/servers'));
    expect(readdirSync(at('elsewhere'))).toEqual([]);
  });

  it('goes elsewhere below a 0700 directory: recorded, said at each start, and the same place again', () => {
    const first = open(at('home/data'), account, at('elsewhere'));
    expect(first.serversDir).toMatch(/\/elsewhere\/clawbutler-\w{6}$/);
    expect(said).toEqual([expect.stringContaining(`their data is kept in ${first.serversDir} instead`)]);
    first.close();
    said.length = 0;
    expect(open(at('home/data'), account, at('elsewhere')).serversDir).toBe(first.serversDir);
    expect(said).toEqual([`The servers keep their data in ${first.serversDir}.`]);
    expect(readdirSync(at('elsewhere'))).toHaveLength(1);
    expect(existsSync(at('home/data/servers'))).toBe(false);
  });

  it('is locked there as well: a copy of the data directory names the same place', () => {
    const { serversDir } = open(at('home/data'), account, at('elsewhere'));
    cpSync(at('home/data'), at('home/copy'), { recursive: true });
    rmSync(at('home/copy/lock'));
    expect(refusal(() => open(at('home/copy'), account, at('elsewhere')))).toMatchObject({
      code: 'runtime.data-dir-in-use',
      message: expect.stringContaining(serversDir) as string,
    });
  });

  it('is not started empty when the place it went to is gone', () => {
    const first = open(at('home/data'), account, at('elsewhere'));
    first.close();
    rmSync(first.serversDir, { recursive: true });
    expect(refusal(() => open(at('home/data'), account, at('elsewhere'))).code).toBe('runtime.data-dir-unreachable');
  });

  it('is not left behind when a directory above is closed later', () => {
    mkdirSync(at('open'), { mode: 0o755 });
    const first = open(at('open/data'), account, at('elsewhere'));
    mkdirSync(join(first.serversDir, 'nats'));
    first.close();
    chmodSync(at('open'), 0o700);
    const { code, next } = refusal(() => open(at('open/data'), account, at('elsewhere')));
    expect({ code, next }).toEqual({ code: 'runtime.data-dir-unreachable', next: expect.stringContaining('chmod o+x') as string });
  });

  it('is refused where there is no other place either', () => {
    expect(refusal(() => open(at('home/data'), account, at('home'))).code).toBe('runtime.data-dir-unreachable');
    expect(readdirSync(at('home'))).toEqual(['data']);
  });
});
