import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { access } from '@app/access';
import { ApiConfig, ConfigInvalid, ServersConfig, originOf, readConfig } from '@app/config';
import { federation } from '@app/federation';
import { accessFrom, openPlumbing, runProcess } from '@app/process';
import { liveObserverOf, services } from '@app/services';
import { NestLog } from '@app/telemetry';
import { ApiModule, settingsFrom } from './api.module.js';
import { dress, httpAdapter } from './http.module.js';

const say = (words: string): void => void process.stdout.write(`${words}\n`);

await runProcess(async () => {
  const servers = readConfig(ServersConfig);
  const config = readConfig(ApiConfig);
  if (config.SECRETS_KEY === undefined)
    throw new ConfigInvalid('SECRETS_KEY must be set: 32 bytes in base64, the same for every process and kept');
  const plumbing = await openPlumbing('api', accessFrom(servers), [access, federation, services]);
  const live = liveObserverOf(
    { ...plumbing, warn: (sentence) => plumbing.log.warn(sentence) },
    {
      apiUrl: originOf(config.API_HOST, config.API_PORT),
      natsMonitorUrl: servers.NATS_MONITOR_URL ?? null,
      valkeyUrl: servers.VALKEY_URL ?? null,
      valkeyMissing: servers.VALKEY_URL === undefined ? 'VALKEY_URL is not set.' : null,
      gateways: [],
    },
  );
  const module = ApiModule.with(plumbing, settingsFrom(config, Buffer.from(config.SECRETS_KEY, 'base64')), live);
  const app = await NestFactory.create<NestFastifyApplication>(module, httpAdapter({ behindProxy: config.API_URL !== undefined }), {
    logger: new NestLog(plumbing.log),
    abortOnError: false,
  });
  await dress(app);
  await app.listen(config.API_PORT, config.API_HOST);
  say(`The API answers on ${await app.getUrl()}.`);
  return async () => {
    await app.close();
    await plumbing.close();
  };
}, say);
