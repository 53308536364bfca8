import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { ROOT, textOf } from './compose.js';
import { copiesOf, execForm, readDockerfile } from './dockerfile.js';

interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
  readonly resolved?: string;
}

const stages = readDockerfile();
const image = stages.at(-1)!;
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

it('is made of a Node that the packages demand, in every stage', () => {
  const major = readFileSync(join(ROOT, '.nvmrc'), 'utf8').trim().split('.')[0];
  const bases = stages.map(({ from }) => from).filter((from) => !stages.some(({ name }) => name === from));
  expect(new Set(bases)).toEqual(new Set([`node:${major}-bookworm-slim`]));
});

it('copies what is there, after npm what npm needs: every package of our own that the lock names', () => {
  for (const stage of stages)
    for (const { from, sources } of copiesOf(stage)) {
      if (from !== undefined) expect(stages.map(({ name }) => name)).toContain(from);
      else expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
    }
  const manifests = copiesOf(stages.find(({ name }) => name === 'manifests')!).flatMap(({ sources }) => sources);
  const own = Object.values(packages).flatMap(({ link, resolved }) => (link === true ? [`${resolved}/package.json`] : []));
  expect(own.filter((path) => !manifests.some((each) => path === each || path.startsWith(`${each}/`)))).toEqual([]);
});

it('is sent nothing that is not copied, so that no secret can come in', () => {
  expect(ignored[0]).toBe('*');
  const sent = ignored.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const copied = stages.flatMap(copiesOf).flatMap(({ from, sources }) => (from === undefined ? sources : []));
  expect(copied.filter((path) => !sent.some((each) => path === each || path.startsWith(`${each}/`)))).toEqual([]);
  expect(sent.filter((path) => !copied.some((each) => path === each || path.startsWith(`${each}/`)))).toEqual([]);
  expect(ignored).toContain('**/node_modules');
});

it('has no secret among its variables and arguments', () => {
  const said = stages.flatMap(({ instructions }) => instructions).filter(({ name }) => ['ARG', 'ENV'].includes(name));
  expect(said.map(({ args }) => args)).toEqual(['NODE_ENV=production DATA_DIR=/data XDG_STATE_HOME=/data']);
});

it('installs no more than production needs, and runs as nobody in particular, without a shell', () => {
  expect(stages.find(({ name }) => name === 'production')?.instructions).toContainEqual({ name: 'RUN', args: 'npm ci --omit=dev' });
  expect(copiesOf(image).find(({ target }) => target === 'node_modules')?.from).toBe('production');
  expect(image.instructions.findLast(({ name }) => name === 'USER')?.args).toBe('1000:1000');
  for (const program of [execForm(image, 'ENTRYPOINT'), execForm(image, 'HEALTHCHECK')]) {
    expect(program[0]).toBe('node');
    expect(copiesOf(image).flatMap(({ sources }) => sources)).toContain(program.at(-1));
  }
});

/** `import ... from 'x'`, `import 'x'`, `export ... from 'x'`; x no path. */
const IMPORTED = /^(?:import|export)\s(?:[^'";]*?\sfrom\s)?['"]([^.'"][^'"]*)['"];?$/gm;

/** Every package that the built processes ask for is one that `npm ci --omit=dev` installs. */
it('has every package that the processes import', () => {
  const files = (dir: string): string[] =>
    readdirSync(join(ROOT, dir), { recursive: true, encoding: 'utf8' }).flatMap((file) => (file.endsWith('.js') ? [`${dir}/${file}`] : []));
  const built = ['dist/apps', 'dist/libs'].flatMap(files).filter((file) => !/^dist\/apps\/(dashboard|docs)\//.test(file));
  expect(built.length).toBeGreaterThan(100);
  const imported = new Set<string>();
  for (const file of built)
    for (const [, name = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(IMPORTED))
      imported.add(/^(@[^/]+\/[^/]+|[^/]+)/.exec(name)?.[0] ?? '');
  const lacking = [...imported].filter((name) => {
    const locked = packages[`node_modules/${name}`];
    return (
      !name.startsWith('node:') &&
      !builtinModules.includes(name) &&
      (locked === undefined || locked.dev === true || locked.devOptional === true)
    );
  });
  expect(imported.size).toBeGreaterThan(10);
  expect(lacking).toEqual([]);
});

it('the README of the image names it as compose does', () => {
  expect(textOf('services.yaml')).toContain('${IMAGE:-clawbutler-infrastructure}');
  expect(textOf('README.md')).toContain('clawbutler-infrastructure');
});
