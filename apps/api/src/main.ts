import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ApiConfig,
  FederationConfig,
  PublicConfig,
  ServersConfig,
  originOf,
  ownEndpoints,
  publicSettings,
  readConfig,
  secretsKeyOf,
} from '@app/config';
import { accessFrom, foldsOf, openPlumbing, runProcess } from '@app/process';
import { projectionLag } from '@app/read-store';
import { CONTEXTS } from '@app/contexts';
import { liveObserverOf } from '@app/services';
import { APP_OPTIONS } from '@app/http';
import { NestLog } from '@app/observability';
import { ApiModule, settingsFrom } from './api.module.js';
import { dress, httpAdapter } from './http.module.js';

const say = (words: string): void => void process.stdout.write(`${words}\n`);

await runProcess(async () => {
  const servers = readConfig(ServersConfig);
  const config = { ...readConfig(ApiConfig), ...readConfig(FederationConfig) };
  const at = publicSettings(readConfig(PublicConfig));
  const own = ownEndpoints(
    ...[servers.NATS_URL, servers.NATS_MONITOR_URL, servers.DATABASE_URL, servers.VALKEY_URL, config.API_URL, at.publicUrl],
    ...[originOf(config.API_HOST, config.API_PORT), originOf(at.host, at.port)],
  );
  const settings = settingsFrom(config, at, secretsKeyOf(config), { isStandalone: false, own });
  const plumbing = await openPlumbing('api', accessFrom(servers), CONTEXTS);
  const live = liveObserverOf(
    { ...plumbing, warn: (sentence) => plumbing.log.warn(sentence) },
    {
      apiUrl: originOf(config.API_HOST, config.API_PORT),
      natsMonitorUrl: servers.NATS_MONITOR_URL ?? null,
      valkeyUrl: servers.VALKEY_URL ?? null,
      valkeyMissing: servers.VALKEY_URL === undefined ? 'VALKEY_URL is not set.' : null,
      gateways: [],
    },
    { read: projectionLag(plumbing.pool, plumbing.store, foldsOf(CONTEXTS)) },
  );
  const module = ApiModule.with(plumbing, settings, live);
  const app = await NestFactory.create<NestFastifyApplication>(module, httpAdapter(config), {
    ...APP_OPTIONS,
    logger: new NestLog(plumbing.log),
  });
  await dress(app);
  await app.listen(config.API_PORT, config.API_HOST);
  say(`The API answers on ${await app.getUrl()}.`);
  const stop = async (): Promise<void> => {
    await app.close();
    await plumbing.close();
  };
  return { stop, stale: plumbing.store.gate.reopened };
}, say);
