// A projector, as in production but for its context.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { behindProxies } from './access.mjs';
import { built } from '../bench/built.mjs';
import { context } from './accounts-context.mjs';

const { foldsOf, openPlumbing, runProcess } = await built('process');
const { JetStreamStrategy, Projector } = await built('read-store');
const { NestLog } = await built('observability');

class ProjectorModule {}
Module({})(ProjectorModule);

await runProcess(
  async () => {
    const plumbing = await openPlumbing('projector', behindProxies, [context]);
    const { store, pool, log } = plumbing;
    const projectors = foldsOf([context]).map((fold) => new Projector(fold, store, pool, (level, words) => log[level](words)));
    const strategy = new JetStreamStrategy(projectors, store.rpc, pool);
    const app = await NestFactory.createMicroservice(ProjectorModule, { strategy, logger: new NestLog(log), abortOnError: false });
    await app.listen();
    const stop = async () => {
      await app.close();
      await plumbing.close();
    };
    return { stop, stale: store.gate.reopened };
  },
  (words) => console.log(words),
);
