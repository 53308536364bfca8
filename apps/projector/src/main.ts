import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ServersConfig, readConfig } from '@app/config';
import { accessFrom, foldsOf, openPlumbing, runProcess } from '@app/process';
import { CONTEXTS } from '@app/contexts';
import { NestLog } from '@app/observability';
import { projectorStrategy } from './projector.module.js';

/** Has no controllers: everything it does, its strategy does. */
@Module({})
class ProjectorModule {}

const say = (words: string): void => void process.stdout.write(`${words}\n`);

await runProcess(async () => {
  const plumbing = await openPlumbing('projector', accessFrom(readConfig(ServersConfig)), CONTEXTS);
  const folds = foldsOf(CONTEXTS);
  const logger = new NestLog(plumbing.log);
  const app = await NestFactory.createMicroservice(ProjectorModule, {
    strategy: projectorStrategy(plumbing, folds),
    logger,
    abortOnError: false,
  });
  await app.listen();
  say(`Projecting ${folds.map(({ table }) => table).join(', ')}.`);
  const stop = async (): Promise<void> => {
    await app.close();
    await plumbing.close();
  };
  return { stop, stale: plumbing.store.gate.reopened };
}, say);
