import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestDir, testDir } from '@app/runtime/testing';
import { fetchByApt } from './fetch-apt.js';
import { KNOWN, run } from './program.js';

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

let dir: TestDir;
let server: Server;
let files: Map<string, string | Buffer>;
beforeEach(async () => {
  dir = testDir();
  files = new Map();
  server = createServer(({ url = '' }, response) => {
    const file = files.get(url);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await dir.remove();
});

/** Has apt take what is not signed, as a machine may be set up. */
function carelessApt(): string {
  const file = join(dir.path, 'apt.conf');
  const settings = ['Acquire::AllowInsecureRepositories', 'Acquire::AllowWeakRepositories', 'APT::Get::AllowUnauthenticated'];
  writeFileSync(file, settings.map((setting) => `${setting} "true";\n`).join(''));
  return file;
}

/** An archive with a nats-server that prints its version, in a package that fits its index; nobody has signed the index. */
async function unsignedArchive(): Promise<string> {
  const root = join(dir.path, 'package');
  const program = join(root, KNOWN['nats-server'].apt?.file ?? '');
  mkdirSync(join(program, '..'), { recursive: true });
  mkdirSync(join(root, 'DEBIAN'));
  writeFileSync(program, '#!/bin/sh\necho v2.99.0\n', { mode: 0o755 });
  const architecture = (await run('dpkg', ['--print-architecture'], { timeoutMs: 10_000 })).output.trim();
  const control = `Package: nats-server\nVersion: 2.99.0-1\nArchitecture: ${architecture}\nMaintainer: nobody <nobody@example.org>\nDescription: forged\n`;
  writeFileSync(join(root, 'DEBIAN/control'), control);
  const archive = join(dir.path, 'nats-server.deb');
  await run('dpkg-deb', ['--build', '--root-owner-group', root, archive], { timeoutMs: 30_000 });
  const deb = readFileSync(archive);
  const packages = `${control}Filename: pool/nats-server.deb\nSize: ${deb.length}\nSHA256: ${sha256(deb)}\n`;
  files.set('/debian/pool/nats-server.deb', deb);
  for (const suite of KNOWN['nats-server'].apt?.suites ?? []) {
    const index = `main/binary-${architecture}/Packages`;
    const release = `Suite: ${suite}\nCodename: ${suite}\nDate: Mon, 30 Nov 2026 00:00:00 UTC\nArchitectures: ${architecture}\nComponents: main\nSHA256:\n ${sha256(packages)} ${packages.length} ${index}\n`;
    files.set(`/debian/dists/${suite}/Release`, release);
    files.set(`/debian/dists/${suite}/${index}`, packages);
  }
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian/`;
}

it('takes no package of an archive that Debian has not signed, however apt is set up on this machine', async () => {
  const hasApt = existsSync('/usr/bin/apt-get') && existsSync('/usr/share/keyrings/debian-archive-keyring.gpg');
  const mirror = hasApt ? await unsignedArchive() : '';
  const before = process.env['APT_CONFIG'];
  process.env['APT_CONFIG'] = carelessApt();
  try {
    const fetching = { name: 'nats-server', into: dir.path, scratch: join(dir.path, 'scratch'), say: () => undefined } as const;
    expect(await fetchByApt(fetching, async () => mirror)).toMatch(hasApt ? /^apt: .*is not signed/ : /^apt: /);
  } finally {
    if (before === undefined) delete process.env['APT_CONFIG'];
    else process.env['APT_CONFIG'] = before;
  }
}, 120_000);
