import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { PublicConfig, ServersConfig, publicSettings, readConfig } from '@app/config';
import { edge } from '@app/edge';
import { PublicModule, accessFrom, openPlumbing, runProcess } from '@app/process';
import { CONTEXTS } from '@app/contexts';
import { NestLog } from '@app/observability';
import { EdgeModule } from './edge.module.js';

const say = (words: string): void => void process.stdout.write(`${words}\n`);

await runProcess(async () => {
  const servers = readConfig(ServersConfig);
  const at = publicSettings(readConfig(PublicConfig));
  const plumbing = await openPlumbing('edge', accessFrom(servers), CONTEXTS);
  const module = PublicModule.serving(plumbing, at, [EdgeModule.with(plumbing, at, null)], edge.endpoints);
  const app = await NestFactory.createApplicationContext(module, { logger: new NestLog(plumbing.log), abortOnError: false });
  say(`Edge agents are answered on ${at.publicUrl}.`);
  const stop = async (): Promise<void> => {
    await app.close();
    await plumbing.close();
  };
  return { stop, stale: plumbing.store.gate.reopened };
}, say);
