import { resolve } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { newLoginCode } from '@app/access';
import {
  ApiConfig,
  FederationConfig,
  ProberConfig,
  PublicConfig,
  type PublicSettings,
  ServersConfig,
  StandaloneConfig,
  gatewayTargets,
  originOf,
  outboundRules,
  ownEndpoints,
  publicSettings,
  readConfigs,
  secretsKeyOf,
} from '@app/config';
import { edge } from '@app/edge';
import { federation } from '@app/federation';
import type { Disks } from '@app/log';
import { type Plumbing, PublicModule, type Running, foldsOf, openPlumbing, setUp, troubleOf } from '@app/process';
import { projectionLag } from '@app/read-store';
import { CONTEXTS } from '@app/contexts';
import { type RunningServers, freeBytes, natsDiskFull, startServers } from '@app/runtime';
import { liveObserverOf } from '@app/services';
import { APP_OPTIONS } from '@app/http';
import { NestLog } from '@app/observability';
import { ApiModule, settingsFrom } from '../../api/src/api.module.js';
import { dress, httpAdapter } from '../../api/src/http.module.js';
import { EdgeModule } from '../../edge/src/edge.module.js';
import { FederationModule } from '../../federation/src/federation.module.js';
import { projectorStrategy } from '../../projector/src/projector.module.js';
import { ProberModule } from '../../prober/src/prober.module.js';
import { assertDatabase, waitForNats } from './external.js';
import { assertPortFree } from './port.js';
import { loginLink, removeRunFile, writeReaderFile, writeRunFile } from './run-file.js';
import { StandaloneModule } from './standalone.module.js';

const FOLDS = foldsOf(CONTEXTS);

/**
 * The whole system in this process, its servers as supervised children. Resolves when it answers, to a function that ends it in
 * order: no more requests, no more probes, projectors finish their batch, connections close, servers stop. Whatever is thrown,
 * nothing is left running.
 */
export async function startStandalone(say: (words: string) => void, signal: AbortSignal): Promise<Running> {
  const shapes = [StandaloneConfig, PublicConfig, ServersConfig, ApiConfig, ProberConfig, FederationConfig] as const;
  const [{ DATA_DIR }, open, external, api, prober, peers] = readConfigs(shapes);
  const config = { ...external, ...api, ...prober, ...peers };
  const port = await assertPortFree(config.API_HOST, config.API_PORT, 'API_PORT');
  const at = publicSettings({ ...open, PUBLIC_PORT: await assertPortFree(open.PUBLIC_HOST, open.PUBLIC_PORT, 'PUBLIC_PORT') });
  const undo: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    const failed: unknown[] = [];
    for (const end of undo.splice(0).reverse()) await end().catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
  };
  try {
    if (config.DATABASE_URL !== undefined) await assertDatabase(config.DATABASE_URL);
    if (config.NATS_URL !== undefined) await waitForNats(config.NATS_URL, say, signal);
    say(`Data in ${resolve(DATA_DIR)}.`);
    const servers = await startServers({
      dataDir: DATA_DIR,
      signal,
      external: {
        natsUrl: config.NATS_URL,
        natsMonitorUrl: config.NATS_MONITOR_URL,
        databaseUrl: config.DATABASE_URL,
        valkeyUrl: config.VALKEY_URL,
      },
      log: (level, message) => void (level === 'info' ? say(message) : process.stderr.write(`${message}\n`)),
    });
    undo.push(() => servers.stop());
    if (servers.valkeyMissing !== undefined) say(servers.valkeyMissing);
    const plumbing = await Promise.race([openMachines(servers, config, say), aborted(signal)]);
    undo.push(() => plumbing.close());
    const app = await buildApp(servers, plumbing, { ...config, API_PORT: port }, at);
    undo.push(() => app.close());
    signal.throwIfAborted();
    await app.startAllMicroservices();
    await app.listen(port, config.API_HOST);
    const origin = config.API_URL ?? originOf(config.API_HOST, port);
    if (servers.nats.reader !== undefined) writeReaderFile(servers.dataDir, servers.nats.reader);
    writeRunFile(servers.dataDir, {
      pid: process.pid,
      origin,
      public_url: at.publicUrl,
      databaseUrl: servers.databaseUrl,
      nats: servers.nats.admin,
      secrets_key: config.SECRETS_KEY === undefined ? 'data-dir' : 'environment',
    });
    undo.push(async () => removeRunFile(servers.dataDir));
    const code = await newLoginCode(plumbing.privateStore, { role: 'admin', now: new Date() });
    say(welcome(origin, loginLink(origin, code), at.publicUrl));
    return { stop, stale: plumbing.store.gate.reopened };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Rejects when the start is told to stop: an external NATS that went away since is waited for as long as it takes. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const stop = (): void => reject(new Error('told to stop'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });

async function openMachines(servers: RunningServers, config: ServersConfig, say: (words: string) => void): Promise<Plumbing> {
  const { NATS_REPLICAS: replicas, FACTS_MAX_BYTES: factsMaxBytes, CALLS_MAX_BYTES: callsMaxBytes } = config;
  const sizes = { replicas, factsMaxBytes, callsMaxBytes };
  const disk = { monitorUrl: servers.natsMonitorUrl, ...(config.NATS_URL === undefined && { dir: servers.dataDir }) };
  const nats = { ...servers.nats.app, disk: () => natsDiskFull(disk) };
  const at = { nats, databaseUrl: servers.databaseUrl, sizes, logLevel: config.LOG_LEVEL };
  const trouble = troubleOf(await setUp(servers.nats.admin, at, CONTEXTS, say));
  if (trouble !== null) process.stderr.write(`${trouble}\n`);
  return openPlumbing('standalone', at, CONTEXTS);
}

async function buildApp(
  servers: RunningServers,
  plumbing: Plumbing,
  config: ServersConfig & ApiConfig & ProberConfig & FederationConfig,
  at: PublicSettings,
): Promise<NestFastifyApplication> {
  const targets = {
    apiUrl: config.PROBE_API_URL ?? originOf(config.API_HOST, config.API_PORT),
    natsMonitorUrl: servers.natsMonitorUrl ?? null,
    valkeyUrl: servers.valkeyUrl,
    valkeyMissing: servers.valkeyMissing ?? null,
    gateways: gatewayTargets(config.GATEWAYS),
  };
  const secretsKey = secretsKeyOf(config, Buffer.from(servers.secret('secrets-key'), 'hex'));
  const lag = { read: projectionLag(plumbing.pool, plumbing.store, FOLDS) };
  const live = liveObserverOf({ ...plumbing, warn: (sentence) => plumbing.log.warn(sentence) }, targets, lag);
  const surroundings = { isStandalone: true, own: ownEndpointsOf(servers, config, at) };
  const api = ApiModule.with(plumbing, { ...settingsFrom(config, at, secretsKey, surroundings), disks: disksOf(servers) }, live);
  const facing = [
    FederationModule.with(plumbing, { secretsKey, federation: outboundRules(config, surroundings), public: at }),
    EdgeModule.with(plumbing, at, secretsKey),
  ];
  const inPublic = PublicModule.serving(plumbing, at, facing, [...federation.endpoints, ...edge.endpoints]);
  const apps = StandaloneModule.of(api, ProberModule.with(plumbing, targets, FOLDS), inPublic);
  const app = await NestFactory.create<NestFastifyApplication>(apps, httpAdapter(config), {
    ...APP_OPTIONS,
    logger: new NestLog(plumbing.log),
  });
  app.connectMicroservice({ strategy: projectorStrategy(plumbing, FOLDS) });
  return dress(app);
}

const ownEndpointsOf = ({ nats, natsMonitorUrl, databaseUrl, valkeyUrl }: RunningServers, config: ApiConfig, at: PublicSettings) =>
  ownEndpoints(
    ...[...nats.app.servers, natsMonitorUrl, databaseUrl, valkeyUrl, config.API_URL, at.publicUrl],
    ...[originOf(config.API_HOST, config.API_PORT), originOf(at.host, at.port)],
  );

/** Those of the servers that are started here. */
const disksOf = ({ dataDir, serversDir }: RunningServers): Disks => ({
  spaces: async () => {
    const [data, servers] = [await freeBytes(dataDir), await freeBytes(serversDir)];
    const elsewhere = serversDir.startsWith(dataDir) ? [] : [{ name: serversDir, freeBytes: servers }];
    return [{ name: 'DATA_DIR', freeBytes: data }, ...elsewhere];
  },
});

const welcome = (origin: string, link: string, publicUrl: string): string => `
ClawButler Infrastructure is running.
  page    ${origin}/infrastructure
  log in  ${link}
          (good once, within 15 minutes; npm run login prints another)
  peers   ${publicUrl} (edge agents too)
  CLI     npx --no-install ap auth login
  stop    Ctrl-C
`;
