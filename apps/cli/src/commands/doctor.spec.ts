import { CliHarness } from '../testing/ap.js';
import { VIEWER_TOKEN } from '../testing/fake-api.js';
import { check } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());
const DOCTOR = ['infrastructure', 'doctor'];

const parked = check({
  id: 'parked',
  title: 'Parked rows',
  state: 'warn',
  detail: '3 rows stand still at events that cannot be used, in peer_directory.',
  next: 'See which, and why: ap infrastructure projections parked',
});
const postgresql = check({
  id: 'postgresql',
  title: 'PostgreSQL',
  state: 'fail',
  detail: 'PostgreSQL does not answer: connect ECONNREFUSED 127.0.0.1:25432.',
  next: 'See that PostgreSQL runs and lets this process in, and read its log. Read models and logins stand still until it answers.',
});

it('shows the worst check first, each with what was found and what to do', async () => {
  cli.api.log.doctor.checks = [check(), parked, postgresql];
  expect(await cli.ap(DOCTOR)).toMatchObject({
    code: 0,
    err: '',
    out: `1 fail, 1 warn, 1 ok · as of 10:03:12Z
inst-here · release 0.2.0
⬣ fail PostgreSQL
  PostgreSQL does not answer: connect ECONNREFUSED 127.0.0.1:25432.
  next: See that PostgreSQL runs and lets this process in, and read its log. Read models and logins stand still until it answers.
▲ warn Parked rows
  3 rows stand still at events that cannot be used, in peer_directory.
  next: See which, and why: ap infrastructure projections parked
● ok   NATS JetStream
  nats://127.0.0.1:24222 answers in 1.2 ms, version 2.12.1; FACTS takes writes.
`,
  });
});

it('keeps to 80 columns of a terminal and leaves out no word', async () => {
  cli.api.log.doctor.checks = [check(), parked, postgresql];
  const { out } = await cli.ap(['infra', 'doctor'], { columns: 80, env: { NO_COLOR: '1' } });
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(out.replaceAll(/\s+/g, ' ')).toContain(`next: ${postgresql.next}`);
});

it('names the commands as they are typed here', async () => {
  cli.api.log.doctor.checks = [parked];
  expect((await cli.ap(DOCTOR, { env: { npm_command: 'exec' } })).out).toContain('npx --no-install ap infrastructure projections parked');
});

it('shows the control characters in text of others', async () => {
  cli.api.log.doctor.checks = [check({ state: 'fail', detail: 'It said \u001b[2Jgone.\nNATS', next: null })];
  expect((await cli.ap(DOCTOR)).out).toContain('  It said <U+001B>[2Jgone. NATS\n');
});

it('is the answer in an envelope with -o json, the worst check first', async () => {
  cli.api.log.doctor.checks = [check(), postgresql];
  expect((await cli.json(DOCTOR)).out).toMatchObject({
    schema: 'ap.infra.doctor/v1',
    data: { checks: [postgresql, check()], release: '0.2.0', instance_id: 'inst-here' },
  });
});

it.each([
  ['ok', [check()], 0],
  ['warn', [check(), parked], 10],
  ['fail', [check(), postgresql, parked], 11],
] as const)('ends with what it found when asked to: %s', async (_state, checks, code) => {
  cli.api.log.doctor.checks = [...checks];
  expect(await cli.ap([...DOCTOR, '--exit-status'])).toMatchObject({ code });
  expect(await cli.json([...DOCTOR, '--exit-status'])).toMatchObject({ code });
  expect(await cli.ap(DOCTOR)).toMatchObject({ code: 0 });
});

it('is for operators', async () => {
  expect(await cli.ap(DOCTOR, { env: { AP_TOKEN: VIEWER_TOKEN } })).toMatchObject({ code: 5, out: '' });
});

it('says what can be looked at on the host when the API does not answer', async () => {
  cli.api.behaviour = (response) => response.socket?.destroy();
  const { code, out, err } = await cli.ap(DOCTOR);
  expect([code, out]).toEqual([6, '']);
  expect(err).toContain(`curl -sS ${cli.api.url}/readyz`);
  expect(err).toMatch(/servers\/<name>\/<name>\.log[\s\S]*\nap: .*cli\.unreachable\)\nnext: /);
  for (const line of err.split('\n').filter((line) => !/^(ap|next): /.test(line))) expect(line.length).toBeLessThanOrEqual(80);
});

it('says the same when the API cannot tell who asks', async () => {
  const problem = {
    title: 'PostgreSQL unavailable',
    status: 503,
    code: 'read-store.unavailable',
    detail: 'PostgreSQL does not answer.',
    next: '-',
  };
  cli.api.behaviour = (response) =>
    void response.writeHead(503, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  const { code, err } = await cli.ap(DOCTOR);
  expect(code).toBe(1);
  expect(err).toContain('/readyz');
  expect((await cli.ap([...DOCTOR, '-o', 'json'])).err).not.toContain('curl');
});
