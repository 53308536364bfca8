import { createHash } from 'node:crypto';
import { AgentBench } from './testing/agent-bench.js';
import { until } from './testing/fake-clock.js';

const KEY = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
const FINGERPRINT = '21fe-31df-a154-a261-626b-f854-046f-d227';
const OTHER = Buffer.alloc(32, 7).toString('base64url');
const OTHER_FINGERPRINT = createHash('sha256').update(Buffer.alloc(32, 7)).digest('hex').slice(0, 32).match(/.{4}/g)!.join('-');

let bench: AgentBench;
beforeEach(async () => {
  bench = await AgentBench.open();
});
afterEach(() => bench.close());

/** Ends the tunnel that stands, and waits for the next one. */
async function again(count: number): Promise<void> {
  (await bench.server.connection(count - 1)).close('going_away', 0);
  await bench.clock.waitFor(0).catch(() => undefined);
  for (let i = 0; i < 200 && bench.server.connections.length < count; i++) {
    await bench.clock.pass(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await (await bench.server.connection(count)).next('report_full');
}
const lines = (): string[] => bench.said.filter((line) => line.includes('instance key'));

it('pins the key of the first welcome that shows one, and says nothing while it stays', async () => {
  const agent = bench.joined({ gateways: 0 }).run();
  await (await bench.server.connection()).next('report_full');
  expect([bench.state.pinnedKey(), agent.status.server_key]).toEqual([
    null,
    { pinned: null, shown: null, public_key: null, sentence: null },
  ]);
  bench.server.instanceKey = KEY;
  await again(2);
  expect(bench.state.pinnedKey()).toMatchObject({ public_key: KEY });
  expect(agent.status.server_key).toEqual({ pinned: FINGERPRINT, shown: FINGERPRINT, public_key: KEY, sentence: null });
  await again(3);
  expect(lines()).toEqual([]);
});

it.each([
  ['another key', OTHER, `The server shows the instance key ${OTHER_FINGERPRINT}, and ${FINGERPRINT} is pinned.`],
  ['no key', undefined, `The server shows no instance key, and ${FINGERPRINT} is pinned`],
])('says that the server shows %s, keeps the pinned one, and stays connected', async (_what, shown, words) => {
  bench.joined({ gateways: 0 }).state.pinKey({ public_key: KEY, pinned_at: '2026-02-01T12:00:00.000Z' });
  bench.server.instanceKey = shown;
  const agent = bench.run();
  await (await bench.server.connection()).next('report_full');
  expect(lines()).toEqual([expect.stringContaining(words)]);
  expect(bench.state.pinnedKey()).toMatchObject({ public_key: KEY });
  expect(agent.status).toMatchObject({
    tunnel: 'connected',
    server_key: { pinned: FINGERPRINT, sentence: expect.stringContaining(words) },
  });
  await again(2);
  expect(lines()).toHaveLength(1);
});

it('goes on when the file of the key cannot be read, and pins nothing', async () => {
  bench.joined({ gateways: 0 });
  bench.state.pinnedKey = () => {
    throw new Error('the file is not as an agent writes it');
  };
  bench.server.instanceKey = KEY;
  const agent = bench.run();
  await (await bench.server.connection()).next('report_full');
  await until('it is said', () => bench.said.some((line) => line.includes('The key of the server is not pinned')));
  expect(agent.status.tunnel).toBe('connected');
});
