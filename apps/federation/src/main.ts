import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import {
  ApiConfig,
  FederationConfig,
  PublicConfig,
  ServersConfig,
  originOf,
  outboundRules,
  outboundWarning,
  ownEndpoints,
  publicSettings,
  readConfig,
  secretsKeyOf,
} from '@app/config';
import { federation } from '@app/federation';
import { PublicModule, accessFrom, openPlumbing, runProcess } from '@app/process';
import { CONTEXTS } from '@app/contexts';
import { NestLog } from '@app/observability';
import { FederationModule } from './federation.module.js';

const say = (words: string): void => void process.stdout.write(`${words}\n`);

await runProcess(async () => {
  const servers = readConfig(ServersConfig);
  const config = readConfig(FederationConfig);
  const at = publicSettings(readConfig(PublicConfig));
  const api = readConfig(ApiConfig); // Where the API of this machine is, if it is on this machine.
  const own = ownEndpoints(
    ...[servers.NATS_URL, servers.NATS_MONITOR_URL, servers.DATABASE_URL, servers.VALKEY_URL, api.API_URL, at.publicUrl],
    ...[originOf(api.API_HOST, api.API_PORT), originOf(at.host, at.port)],
  );
  const surroundings = { isStandalone: false, own };
  const settings = { secretsKey: secretsKeyOf(config), federation: outboundRules(config, surroundings), public: at };
  const plumbing = await openPlumbing('federation', accessFrom(servers), CONTEXTS);
  const warning = outboundWarning(config, surroundings);
  if (warning !== null) plumbing.log.warn(warning);
  const module = PublicModule.serving(plumbing, at, [FederationModule.with(plumbing, settings)], federation.endpoints);
  const app = await NestFactory.createApplicationContext(module, { logger: new NestLog(plumbing.log), abortOnError: false });
  say(`Peers are answered on ${at.publicUrl}.`);
  const stop = async (): Promise<void> => {
    await app.close();
    await plumbing.close();
  };
  return { stop, stale: plumbing.store.gate.reopened };
}, say);
