import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ConfigInvalid, ProberConfig, ServersConfig, gatewayTargets, readConfig } from '@app/config';
import { accessFrom, foldsOf, openPlumbing, runProcess } from '@app/process';
import { CONTEXTS } from '@app/contexts';
import type { ServiceTargets } from '@app/services';
import { NestLog } from '@app/observability';
import { ProberModule } from './prober.module.js';

const say = (words: string): void => void process.stdout.write(`${words}\n`);

function targetsFrom({ NATS_MONITOR_URL, VALKEY_URL }: ServersConfig, { PROBE_API_URL, GATEWAYS }: ProberConfig): ServiceTargets {
  if (PROBE_API_URL === undefined) throw new ConfigInvalid('PROBE_API_URL must be set: this process does not know where the API answers');
  return {
    apiUrl: PROBE_API_URL,
    natsMonitorUrl: NATS_MONITOR_URL ?? null,
    valkeyUrl: VALKEY_URL ?? null,
    valkeyMissing: VALKEY_URL === undefined ? 'VALKEY_URL is not set.' : null,
    gateways: gatewayTargets(GATEWAYS),
  };
}

await runProcess(async () => {
  const servers = readConfig(ServersConfig);
  const targets = targetsFrom(servers, readConfig(ProberConfig));
  const plumbing = await openPlumbing('prober', accessFrom(servers), CONTEXTS);
  const app = await NestFactory.createApplicationContext(ProberModule.with(plumbing, targets, foldsOf(CONTEXTS)), {
    logger: new NestLog(plumbing.log),
    abortOnError: false,
  });
  say(`Probing the API at ${targets.apiUrl}, PostgreSQL, Valkey, NATS, projections and ${targets.gateways.length} gateways.`);
  const stop = async (): Promise<void> => {
    await app.close();
    await plumbing.close();
  };
  return { stop, stale: plumbing.store.gate.reopened };
}, say);
