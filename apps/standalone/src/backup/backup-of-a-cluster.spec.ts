import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StreamInfo, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { DEFAULT_SIZES } from '@app/event-store';
import type { NatsAccess } from '@app/runtime';
import { type ClusterMember, type TestCluster, startTestCluster, testDatabase, testDir } from '@app/runtime/testing';
import { acceptRestored } from '../../testing/saved-system.js';
import { type Acknowledged, openSystem, setUpSystem } from '../../testing/whole-system.js';
import { bringBack } from './bring-back.js';
import { saveTo } from './save.js';

const SIZES = { ...DEFAULT_SIZES, replicas: 3 };
const CURRENT_MS = 60_000;
const quiet = (): void => undefined;

/** What docs/operations.md says that a user needs for `command`. */
function documented(command: 'backup' | 'restore'): { publish: string[]; subscribe: string[] } {
  const row = new RegExp(`^\\| ${command} +\\|(.*)\\|(.*)\\|$`, 'm').exec(readFileSync('docs/operations.md', 'utf8'));
  const [publish, subscribe] = [row?.[1], row?.[2]].map((cell) =>
    [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, subject = '']) => subject),
  );
  if (!publish?.length || !subscribe?.length) throw new Error(`docs/operations.md does not say what ${command} needs`);
  return { publish, subscribe };
}

/** Three servers with a user for all, one for backups and one for restores. */
async function cluster(): Promise<TestCluster & { as(user: 'admin' | 'backup' | 'restore'): NatsAccess }> {
  const rights = (['backup', 'restore'] as const).map((user) => {
    const { publish, subscribe } = documented(user);
    const permissions = `publish { allow: ${JSON.stringify(publish)} }, subscribe { allow: ${JSON.stringify(subscribe)} }`;
    return `{ user: ${user}, password: x, permissions { ${permissions} } }`;
  });
  const conf = ({ name, port, monitorPort, routePort, storeDir, routes }: ClusterMember): string => `
    server_name: ${name}
    listen: "127.0.0.1:${port}"
    http: "127.0.0.1:${monitorPort}"
    jetstream { store_dir: ${JSON.stringify(storeDir)} }
    cluster { name: test, listen: "127.0.0.1:${routePort}", routes: ${JSON.stringify(routes)} }
    accounts { BUTLER { jetstream: enabled, users: [{ user: admin, password: x }, ${rights.join(', ')}] } }`;
  const started = await startTestCluster({
    args: (member) => {
      const file = join(member.dir, 'nats.conf');
      writeFileSync(file, conf(member));
      return ['-c', file];
    },
  });
  return { ...started, as: (user) => ({ servers: started.access.servers, user, pass: 'x' }) };
}

/** The state of each stream, when all of its replicas are current. */
async function settled(access: NatsAccess): Promise<Map<string, StreamInfo>> {
  const nc = await connect({ ...access });
  try {
    const jsm = await jetstreamManager(nc);
    for (const end = performance.now() + CURRENT_MS; ;) {
      const all = await jsm.streams
        .list()
        .next()
        .catch(() => []);
      const isCurrent = all.every(
        ({ cluster: is }) => is?.leader !== undefined && is.replicas?.length === 2 && is.replicas.every((one) => one.current),
      );
      if (all.length === 4 && isCurrent) return new Map(all.map((info) => [info.config.name, info]));
      if (performance.now() > end) throw new Error(`not current: ${JSON.stringify(all)}`);
      await new Promise((resolve) => setTimeout(resolve, 100)); // Between two questions to servers that have no event for this.
    }
  } finally {
    await nc.close();
  }
}

const textOf = async (access: NatsAccess, { stream, seq }: Acknowledged): Promise<string | undefined> => {
  const nc = await connect({ ...access });
  try {
    const message = await (await jetstreamManager(nc)).streams.getMessage(stream, { seq });
    return message === null ? undefined : `${message.timestamp} ${message.subject} ${[...message.header].join('|')} ${message.string()}`;
  } finally {
    await nc.close();
  }
};

/** Asks again while the servers choose leaders. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + CURRENT_MS; ;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100)); // Between two questions to servers that have no leader yet.
  }
}

it('a cluster of three is restored from the backup of another, with every acknowledged message on three servers', async () => {
  const dir = testDir();
  const [from, database, empty] = [await cluster(), await testDatabase(), await testDatabase()];
  let to: Awaited<ReturnType<typeof cluster>> | undefined;
  try {
    const source = { nats: from.as('admin'), databaseUrl: database.url };
    await setUpSystem(source, SIZES);
    const system = await openSystem(source, SIZES);
    const acknowledged: Acknowledged[] = [];
    for (let i = 0; i < 10; i++) acknowledged.push(...(await Promise.all([system.fact(), system.call(), system.sample()])));
    let isOver = false;
    const writing = (async () => {
      while (!isOver) await system.fact();
    })();
    await saveTo(join(dir.path, 'saved'), { nats: from.as('backup'), databaseUrl: database.url, secretsKey: null }, quiet);
    isOver = true;
    await writing;
    const texts = new Map<Acknowledged, string | undefined>();
    for (const one of acknowledged) texts.set(one, await textOf(source.nats, one));
    await system.close();
    await from.stop();

    to = await cluster();
    const url = to.as('restore').servers.join(',').replace('nats://', 'nats://restore:x@').replaceAll(',nats://', ',');
    const external = { natsUrl: url, databaseUrl: empty.url, valkeyUrl: 'none' };
    const restored = await bringBack(join(dir.path, 'saved'), { dataDir: join(dir.path, 'data'), external, replicas: 3 }, quiet);
    const target = { nats: to.as('admin'), databaseUrl: empty.url };
    const streams = await settled(target.nats);
    for (const one of acknowledged) expect([one, await textOf(target.nats, one)]).toEqual([one, texts.get(one)]);
    await acceptRestored(target, restored, SIZES);
    await setUpSystem(target, SIZES);
    const again = await openSystem(target, SIZES);
    await again.caughtUp();
    const { seq } = await again.fact();
    expect(seq).toBeGreaterThan(10);
    await again.close();

    const leader = streams.get('FACTS')?.cluster?.leader;
    await to.nodes.find(({ name }) => name === leader)!.kill(); // The other two hold it as well.
    for (const one of acknowledged) expect([one, await answered(() => textOf(target.nats, one))]).toEqual([one, texts.get(one)]);
  } finally {
    await from.stop();
    await to?.stop();
    await Promise.all([database.drop(), empty.drop()]);
    await dir.remove();
  }
}, 240_000);
