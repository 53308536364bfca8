import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '@nats-io/transport-node';
import { fromSharedServers, startTestCluster, testDir } from '@app/runtime/testing';
import { spawnRecorded } from '../../libs/runtime/src/child.js';
import { natsConf } from '../../libs/runtime/src/nats.js';
import { rememberedPort } from '../../libs/runtime/src/ports.js';
import { type Program, libraryEnv } from '../../libs/runtime/src/programs/program.js';
import { valkeyAnswers, valkeyConf } from '../../libs/runtime/src/valkey.js';
import { until } from '../e2e/system.js';
import { DOCKER, ROOT, readCompose, readEnv, textOf } from './compose.js';
import { type Addresses, makeSecrets, natsArgs, onLoopback } from './containers.js';

const linesOf = (conf: string): string[] => conf.split('\n').map((line) => line.replace(/#.*/, '').trim());

it('accounts.conf is what the code says', async () => {
  const program = join(DOCKER, 'nats/accounts.mjs');
  const { stdout } = await promisify(execFile)(join(ROOT, 'node_modules/.bin/node'), [program]);
  expect(stdout).toBe(readFileSync(join(DOCKER, 'nats/accounts.conf'), 'utf8'));
});

it('JetStream and Valkey have the settings of the embedded servers', () => {
  const embedded = linesOf(natsConf({ port: 1, monitorPort: 2, storeDir: '/data', syncAlways: true }));
  const jetstream = embedded.slice(embedded.indexOf('jetstream {'), embedded.indexOf('}') + 1);
  expect(linesOf(textOf('nats/node.conf')).join('\n')).toContain(jetstream.join('\n'));
  const settings = valkeyConf({ port: 6379, password: 'x', dir: '/tmp' }).trim().split('\n');
  expect(linesOf(textOf('valkey.conf'))).toEqual(expect.arrayContaining(settings.filter((line) => !/^(bind|dir|requirepass)/.test(line))));
});

it('the server of one node starts as composed, syncs each write, and knows its users', async () => {
  const compose = readCompose('compose.yaml', readEnv('.env.example'));
  const dir = testDir();
  const secrets = await makeSecrets(dir.path);
  const server = await startTestCluster({ size: 1, args: (member) => natsArgs(compose, compose.services['nats']!, secrets, member) });
  try {
    const [{ monitorUrl, port }] = server.nodes as [(typeof server.nodes)[0]];
    const varz = (await (await fetch(`${monitorUrl}/varz`)).json()) as {
      server_name: string;
      jetstream: { config: { sync_always?: boolean } };
    };
    expect(varz).toMatchObject({ server_name: 'nats', jetstream: { config: { sync_always: true } } });
    await expect(connect({ port })).rejects.toThrow(/Authorization/i);
    for (const user of ['admin', 'app', 'reader']) {
      const [, pass = ''] = /:(\w+)@/.exec(readFileSync(join(secrets, `nats-${user}-url`), 'utf8')) ?? [];
      await (await connect({ port, user, pass })).close();
    }
  } finally {
    await server.stop();
    await dir.remove();
  }
});

it('the Valkey of one node starts as composed, and answers who knows the password', async () => {
  const { services, configs } = readCompose('compose.yaml', readEnv('.env.example'));
  const program = await fromSharedServers<Program>('/valkey-server');
  const dir = testDir();
  const secrets = await makeSecrets(dir.path);
  const port = await rememberedPort(join(dir.path, 'port'), 'Valkey', () => undefined);
  const own: Addresses = [
    ['bind * -::*', 'bind 127.0.0.1'],
    ['port 6379', `port ${port}`],
    ['/run/secrets', secrets],
  ];
  const [{ source, target } = { source: '', target: '' }] = services['valkey']!.configs ?? [];
  expect(services['valkey']!.command).toEqual(['valkey-server', target]);
  const conf = join(dir.path, target);
  mkdirSync(join(conf, '..'), { recursive: true });
  writeFileSync(conf, onLoopback(textOf(configs[source]!.file), own));
  const files = { pidFile: join(dir.path, 'pid'), logFile: join(dir.path, 'log') };
  const server = spawnRecorded({ file: program.file, args: [conf], env: libraryEnv(program), account: null, ...files });
  const gone = once(server, 'exit');
  try {
    const [, password = ''] = /requirepass (\w+)/.exec(readFileSync(join(secrets, 'valkey-password.conf'), 'utf8')) ?? [];
    await until(() => valkeyAnswers(port, password).catch(() => false), Boolean, 10_000, 'Valkey answers');
    expect(await valkeyAnswers(port)).toBe(false);
  } finally {
    server.kill('SIGKILL');
    await gone;
    rmSync(files.pidFile);
    await dir.remove();
  }
});
