import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { examine, type Fetching, KNOWN, older, type Program, type ProgramName, run } from './program.js';

const UPDATE_TIMEOUT_MS = 90_000;
const DOWNLOAD_TIMEOUT_MS = 180_000;
const STATUS = '/var/lib/dpkg/status';

type Apt = NonNullable<(typeof KNOWN)[ProgramName]['apt']>;

/**
 * From the archive of Debian, by apt itself: own lists, own cache, own sources. The index of the archive is signed by Debian and holds the
 * SHA-256 of each package, so no package needs a digest here; settings of this machine that let apt take unsigned ones do not count. Nothing
 * is installed or changed on the system and root is not needed.
 * @returns the program, or why there is none
 */
export async function fetchByApt(
  fetching: Fetching,
  mirrorOf: () => Promise<string | undefined> = debianMirror,
): Promise<Program | string> {
  const { name, say } = fetching;
  const { apt, title } = KNOWN[name];
  if (apt === undefined || process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return 'apt: none here';
  const keyrings = ['gpg', 'pgp'].map((ending) => `/usr/share/keyrings/debian-archive-keyring.${ending}`);
  const keyring = keyrings.find((file) => existsSync(file));
  if (keyring === undefined) return 'apt: no debian-archive-keyring to check signatures with';
  const mirror = await mirrorOf();
  if (mirror === undefined) return 'apt: the system names no Debian mirror';
  const whyNot: string[] = [];
  for (const suite of apt.suites) {
    say(`Fetching ${title} from ${mirror} (${suite}) ...`);
    const program = await fromSuite(apt, { ...fetching, suite, mirror, keyring, dir: join(fetching.scratch, suite) });
    if (typeof program !== 'string') return program;
    whyNot.push(`${suite}: ${program}`);
  }
  return `apt: ${whyNot.join('; ')}`;
}

async function debianMirror(): Promise<string | undefined> {
  const { output } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'], { timeoutMs: 10_000 });
  return output.split('\n').find((uri) => /^https?:.*\/debian\/?$/.test(uri));
}

interface Source extends Fetching {
  readonly suite: string;
  readonly mirror: string;
  readonly keyring: string;
  /** Of this suite. */
  readonly dir: string;
}

async function fromSuite(apt: Apt, source: Source): Promise<Program | string> {
  const { name, signal } = source;
  const options = privateApt(apt, source);
  const updated = await run('apt-get', [...options, '-q', 'update'], { timeoutMs: UPDATE_TIMEOUT_MS, signal });
  if (!updated.ok) return lastWords(updated.output);
  options.push('-t', source.suite);
  const { output: policy } = await run('apt-cache', [...options, 'policy', apt.package], { timeoutMs: 10_000 });
  const candidate = /Candidate: (?:\d+:)?(\d+)\.(\d+)\.(\d+)/.exec(policy);
  if (candidate === null) return 'has none';
  const version = [Number(candidate[1]), Number(candidate[2]), Number(candidate[3])] as const;
  if (older(version, KNOWN[name].onPath[0]!.min)) return `has ${version.join('.')}`;
  const archives = join(source.dir, 'cache/archives');
  const how = apt.closure ? ['-y', '--no-install-recommends', '--download-only', '--reinstall', 'install'] : ['download'];
  const got = await run('apt-get', [...options, '-q', ...how, apt.package], { timeoutMs: DOWNLOAD_TIMEOUT_MS, cwd: archives, signal });
  if (!got.ok) return lastWords(got.output);
  return unpack(apt, archives, source);
}

async function unpack(apt: Apt, archives: string, { name, dir, into, signal }: Source): Promise<Program | string> {
  const tree = apt.closure ? into : join(dir, 'unpacked');
  for (const archive of readdirSync(archives).filter((file) => file.endsWith('.deb'))) {
    const unpacked = await run('dpkg-deb', ['-x', join(archives, archive), tree], { timeoutMs: 60_000, signal });
    if (!unpacked.ok) return lastWords(unpacked.output);
  }
  let program: Omit<Program, 'version'> = { file: join(into, name) };
  if (apt.closure) {
    const libraries = readdirSync(join(tree, 'usr/lib')).filter((entry) => entry.includes('-linux-gnu'));
    program = { file: join(tree, apt.file), tree, libraries: libraries.map((entry) => `usr/lib/${entry}`) };
  } else copyFileSync(join(tree, apt.file), program.file);
  const examined = await examine(name, program);
  return 'unfit' in examined ? examined.unfit : { ...program, ...examined };
}

/** Options that keep apt within `dir`. */
function privateApt(apt: Apt, { suite, mirror, keyring, dir }: Source): string[] {
  for (const part of ['state/lists/partial', 'cache/archives/partial', 'etc', 'none']) mkdirSync(join(dir, part), { recursive: true });
  // libraries must fit what is installed, so they are looked for in the system's own release too
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const suites = new Set(apt.closure && codename !== undefined ? [codename, suite] : [suite]);
  const sources = [...suites].map((each) => `deb [signed-by=${keyring}] ${mirror} ${each} main\n`);
  writeFileSync(join(dir, 'etc/sources.list'), sources.join(''));
  writeFileSync(join(dir, 'status'), '');
  const settings = {
    'Dir::Etc::SourceList': join(dir, 'etc/sources.list'),
    'Dir::Etc::SourceParts': '-',
    'Dir::Etc::Preferences': '/dev/null',
    'Dir::Etc::PreferencesParts': join(dir, 'none'),
    'Dir::State': join(dir, 'state'),
    'Dir::State::status': apt.closure ? STATUS : join(dir, 'status'),
    'Debug::NoLocking': 'true', // --download-only would lock /var/lib/dpkg
    'Dir::Cache': join(dir, 'cache'),
    'APT::Sandbox::User': userInfo().username,
    'Acquire::Languages': 'none',
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '15',
    'Acquire::https::Timeout': '15',
    'Acquire::AllowInsecureRepositories': 'false',
    'Acquire::AllowWeakRepositories': 'false',
    'Acquire::AllowDowngradeToInsecureRepositories': 'false',
    'APT::Get::AllowUnauthenticated': 'false',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled': 'false',
    'APT::Update::Error-Mode': 'any',
    'APT::Update::Post-Invoke': '',
    'APT::Update::Post-Invoke-Success': '',
  };
  return Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}

const lastWords = (output: string): string => output.trim().split('\n').slice(-2).join(' / ').slice(0, 300);
