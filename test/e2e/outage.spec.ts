import { type System, ap, dataDir, outage, startSystem, until } from './system.js';

const data = dataDir();
let system: System;
beforeAll(async () => {
  system = await startSystem({ dataDir: data.path });
  await until(
    () => system.get('services'),
    ({ body }) => allAnswer(body.data),
    60_000,
    'all answer',
  );
  // As everybody has who looks at the page: what was never asked cannot be answered from memory.
  await until(
    () => system.get('overview'),
    ({ status }) => status === 200,
    60_000,
    'the overview is answered',
  );
}, 180_000);
afterAll(async () => {
  await system.stop();
  await data.remove();
}, 60_000);

interface ShownComponent {
  readonly component_id: string;
  readonly status: string;
  readonly reason: string | null;
}
/** Judged, and answering: how fast, is the machine's affair. */
const allAnswer = (components: ShownComponent[] = [], alsoGood: readonly string[] = []): boolean =>
  components.length > 0 && components.every(({ status }) => ['green', 'amber', ...alsoGood].includes(status));
const statusOf = (components: ShownComponent[] = [], id: string): string | undefined =>
  components.find(({ component_id }) => component_id === id)?.status;

const toldBy = () => ({ HOME: data.path, AP_URL: system.origin, AP_TOKEN: system.token });

/** The doctor has no check of Valkey, which keeps nothing. */
async function assertDoctorAnswers(component: 'postgresql' | 'nats' | 'valkey'): Promise<void> {
  const { status, body } = await system.get('doctor');
  const states = Object.fromEntries(body.data.checks.map(({ id, state }: { id: string; state: string }) => [id, state]));
  const { nats, postgresql, streams, checkpoints, strangers } = states;
  const failed = { nats, postgresql, streams, checkpoints, strangers };
  const well = { nats: 'ok', postgresql: 'ok', streams: 'ok', checkpoints: 'ok', strangers: 'ok' };
  const broken = {
    postgresql: { postgresql: 'fail', checkpoints: 'warn' },
    nats: { nats: 'fail', streams: 'warn', checkpoints: 'warn', strangers: 'warn' },
    valkey: {},
  };
  expect([status, failed]).toEqual([200, { ...well, ...broken[component] }]);
  const told = await ap(toldBy(), ['infrastructure', 'doctor', '--exit-status']);
  if (component === 'valkey') return;
  expect(told.code).toBe(11);
  expect(told.stdout).toMatch(
    component === 'nats'
      ? /^⬣ fail NATS JetStream\n {2}NATS at \S+ does not answer/m
      : /^⬣ fail PostgreSQL\n {2}PostgreSQL does not answer/m,
  );
}

/** A component is red within its interval, three failures and their time-outs. It recovers while the next one is stopped. */
it.each([
  ['postgresql', 'postgres', 40_000],
  ['nats', 'nats', 40_000],
  ['valkey', 'valkey', 40_000],
] as const)(
  '%s stopped: named red by REST and CLI',
  async (component, server, withinMs) => {
    await outage(system, server, async () => {
      await until(
        () => system.get('services'),
        ({ body }) => statusOf(body?.data, component) === 'red',
        withinMs,
        `${component} is red`,
      );
      const { body } = await system.get(`services/${component}`);
      expect(body.data).toMatchObject({ status: 'red', health: 'down' });
      expect(body.data.reason).not.toBeNull();
      const overview = (await system.get('overview')).body;
      expect(overview).toMatchObject({ data: { verdict: 'down' } });
      expect(overview.data.problems.map(({ id }: { id: string }) => id)).toContain(component);
      const told = await ap(toldBy(), ['infrastructure', 'status', '--exit-status']);
      expect(told.code).toBe(11);
      expect(told.stdout).toMatch(new RegExp(`${body.data.name}.*red`));
      await assertDoctorAnswers(component);
    });
  },
  180_000,
);

it('and in the end all answer again by themselves, and the one that was stopped first is green', async () => {
  await until(
    () => system.get('services'),
    ({ body }) => allAnswer(body?.data, ['recovering']) && ['green', 'amber'].includes(statusOf(body.data, 'postgresql') ?? ''),
    180_000,
    'all answer again',
  );
}, 200_000);
