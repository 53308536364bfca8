import { copyFileSync, cpSync, existsSync, linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './compose.js';
import { copiesOf, readDockerfile } from './dockerfile.js';

interface Locked {
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly resolved?: string;
}

/** The directory of the image as its last stage puts it together: what it copies and nothing else. Of npm's work there, by the lock. */
export function layOutImage(dir: string): void {
  for (const { from, sources, target } of copiesOf(readDockerfile().at(-1)!)) {
    for (const source of sources) {
      const path = from === undefined ? source : source.replace(/^\/app\//, '');
      const to = join(dir, target.endsWith('/') ? join(target, path.replace(/^.*\//, '')) : target);
      mkdirSync(dirname(to), { recursive: true });
      if (path === 'node_modules') installProduction(dir);
      else cpSync(join(ROOT, path), to, { recursive: true });
    }
  }
}

/** What `npm ci --omit=dev` would leave. */
function installProduction(dir: string): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
  for (const [path, { dev, link, resolved = '' }] of Object.entries(packages)) {
    const from = join(ROOT, path);
    const to = join(dir, path);
    if (!path.startsWith('node_modules/') || dev === true || packages[resolved]?.dev === true || !existsSync(from)) continue;
    mkdirSync(dirname(to), { recursive: true });
    if (link === true) symlinkSync(relative(dirname(to), join(dir, resolved)), to);
    else linkPackage(from, to);
  }
}

/** One package, without those that are installed within it: the lock names them itself. */
function linkPackage(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory() && entry.name !== 'node_modules') linkPackage(source, target);
    else if (entry.isFile()) linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target); // Another file system.
  }
}
