import { Test } from '@nestjs/testing';
import type { Prober } from '@app/services';
import { ProberService } from './prober.service.js';

it('probes from when the process is ready until it ends', async () => {
  const calls: string[] = [];
  const prober = { start: () => void calls.push('start'), stop: async () => void calls.push('stop') } as unknown as Prober;
  const module = await Test.createTestingModule({
    providers: [{ provide: ProberService, useFactory: () => new ProberService(prober) }],
  }).compile();
  const app = await module.init();
  expect(calls).toEqual(['start']);
  await app.close();
  expect(calls).toEqual(['start', 'stop']);
});
