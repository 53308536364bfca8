import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { IsString } from 'class-validator';
import { DEFAULT_SIZES, EventStore, setUpEventStore } from '@app/event-store';
import { MemoryMarks } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { hearAnnouncements } from '@app/read-store';
import { startTestCluster, testDir } from '@app/runtime/testing';
import { parse } from 'yaml';
import { CallAccepted, PeerRegistered } from '../../libs/federation/src/events/index.js';
import { natsConf } from '../../libs/runtime/src/nats.js';
import { accounts } from '../../libs/runtime/src/nats-users.js';
import { HealthProbed } from '../../libs/services/src/events/index.js';
import { files, root } from '../contexts.js';

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const operations = text('docs/operations.md');

class Ping {
  @IsString() word: string;
}

describe('the user of an external NATS', () => {
  const documented = /^ {4}publish \{ allow: (\[.*?\]) \}\n {4}subscribe \{ allow: (\[.*?\]) \}$/ms.exec(operations);
  const [publishes, hears] = [1, 2].map((list) => JSON.parse(documented?.[list] ?? '[]') as string[]) as [string[], string[]];

  const app = accounts({ admin: '', app: '', reader: '' }).split('{ user: app')[1] ?? '';
  const ofApp = (rights: RegExp): string[] => JSON.parse(rights.exec(app)?.[1] ?? '[]') as string[];
  const appPublishes = ofApp(/publish \{ allow: (\[.*?\]) \}/);
  const appNeverHears = ofApp(/subscribe \{ deny: (\[.*?\]) \}/);

  it('publishes what the embedded one does, and as it also sets up, all of the API of JetStream', () => {
    const widened = appPublishes.map((subject) => subject.replace(/^(\$JS\.(?:API|ACK))\..*$/, '$1.>'));
    expect(widened.length).toBeGreaterThan(20);
    expect(new Set(publishes)).toEqual(new Set(widened));
  });

  it('hears what the embedded one says, except where that may not listen', () => {
    expect(appNeverHears).toContain('facts.>');
    const heard = appPublishes.filter((subject) => !subject.startsWith('$JS.') && !appNeverHears.includes(subject));
    expect(new Set(hears)).toEqual(new Set(heard));
  });

  it('can set the system up and run it', async () => {
    const user = `authorization { users: [{ user: butler, password: x, permissions { ${documented?.[0]} } }] }\n`;
    const server = await startTestCluster({
      size: 1,
      args: ({ dir, ...at }) => {
        const file = join(dir, 'nats.conf');
        writeFileSync(file, natsConf({ ...at, syncAlways: false }) + user);
        return ['-c', file];
      },
    });
    const access = { ...server.access, user: 'butler', pass: 'x', name: 'test' };
    try {
      const marks = new MemoryMarks();
      await setUpEventStore(access, DEFAULT_SIZES, marks);
      const store = await EventStore.open(access, [PeerRegistered, HealthProbed, CallAccepted], DEFAULT_SIZES, marks);
      try {
        await run(store);
      } finally {
        await store.close();
      }
    } finally {
      await server.stop();
    }
  });

  /** Each thing the system does with NATS, once. */
  async function run(store: EventStore): Promise<void> {
    const made = await (await jetstreamManager(store.nc)).streams.names().next();
    expect(made.toSorted()).toEqual(
      /^A start makes the streams ([^.]*?), and/m
        .exec(operations)?.[1]
        ?.split(/, | and /)
        .toSorted(),
    );
    const fact = newEvent(PeerRegistered, PeerRegistered.example);
    const id = '5668e290-9eb2-5dfd-a901-43391446302e';
    const at = '2026-11-23T01:17:55.193Z' as const;
    await store.appender.append({ commandId: id, actor: 'test', at, events: [fact], expected: new Map([[fact.subject, 0]]) });
    expect(await store.telemetry.keep(newEvent(HealthProbed, HealthProbed.example), 'test', 5_000)).toMatch(/^t1~/);
    expect(await store.calls.record(newEvent(CallAccepted, CallAccepted.example), { actor: 'test', id, timeoutMs: 5_000 })).toMatch(/^c1~/);
    expect([await store.nonces.first('nonce'), await store.nonces.first('nonce')]).toEqual([true, false]);
    store.rpc.answer('test.ping', Ping, async ({ word }) => ({ word }));
    expect(await store.rpc.ask('test.ping', { word: 'ping' }, 5_000)).toEqual({ word: 'ping' });
    const said = { table: 'peers', stream: 'facts', position: 1, pending: 0, lag_ms: 0, parked: 0, keys: [] } as const;
    const heard = new Promise((resolve) => hearAnnouncements(store.nc, resolve));
    store.nc.publish('announce.read.peers', JSON.stringify(said));
    expect(await heard).toEqual(said);
    const log = { stream: 'FACTS', after: 0, incarnation: store.identity.incarnation, dense: true };
    const batch = await store.consume(log, AbortSignal.timeout(10_000)).next();
    expect(batch.value?.messages).toHaveLength(1);
  }
});

it('every process that is composed is told of, and how it is started alone', () => {
  const { services } = parse(text('docker/services.yaml')) as { services: object };
  const told = [...operations.matchAll(/^ {4}node dist\/apps\/([\w-]+)\/src\/main\.js/gm)].map(([, app]) => app);
  expect(told).toEqual(Object.keys(services));
});

it('every code by which a start is refused is told of', () => {
  const refusals = ['libs/runtime/src/contract.ts', ...files('apps/standalone/src/*.ts').filter((file) => !/login|\.spec/.test(file))];
  const codes = refusals.flatMap((file) => [...text(file).matchAll(/'((?:runtime|standalone)\.[a-z-]+)'/g)].map(([, code]) => code));
  const told = [...operations.matchAll(/^\| `((?:runtime|standalone)\.[a-z-]+)`/gm)].map(([, code]) => code);
  expect(new Set(told)).toEqual(new Set(codes.filter((code) => code !== 'runtime.start-interrupted'))); // Who told it to stop knows.
});

describe('the copy of everything', () => {
  it('is read by nobody else', async () => {
    const dir = testDir();
    try {
      const command = /^ {4}(.*tar -czf \.\.\/clawbutler\.tgz.*?)(?: {2,}#.*)?$/m.exec(operations)?.[1] ?? '';
      const project = join(dir.path, 'project');
      mkdirSync(join(project, '.data'), { recursive: true });
      execFileSync('/bin/sh', ['-c', `umask 022; ${command}`], { cwd: project });
      expect(statSync(join(dir.path, 'clawbutler.tgz')).mode & 0o777).toBe(0o600);
    } finally {
      await dir.remove();
    }
  });

  it('is so in containers, too', () => expect(text('docker/README.md')).toMatch(/sh -c 'umask 077 && tar -czf \/backup\/clawbutler\.tgz /));
});
