import type { FactoryProvider } from '@nestjs/common';
import type { PublicListener } from '@app/http';
import type { Plumbing } from './plumbing.js';
import { PublicModule } from './public.module.js';

it.each([
  [null, 200, []],
  ['nats', 503, ['nats']],
  ['nats-disk-full', 503, ['nats-disk-full']],
])('/readyz of the public listener follows whether facts can be written: %s', async (word, status, failing) => {
  const plumbing = { store: { failing: async () => word }, log: { child: () => ({}) } } as unknown as Plumbing;
  const { providers = [] } = PublicModule.serving(plumbing, { host: '127.0.0.1', port: 0 } as never, [], []);
  const listener = await (providers[0] as FactoryProvider<PublicListener>).useFactory();
  const port = await listener.listen();
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  expect([answer.status, await answer.json()]).toMatchObject([status, { failing }]);
  await listener.close();
});
