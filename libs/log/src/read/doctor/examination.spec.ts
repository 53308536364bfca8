import { FakeClock } from '@app/kernel/testing';
import { type Check, examine, fail, ok, warn, wordsOf } from './examination.js';

const check = (id: Check['id'], look: Check['look'], more: Partial<Check> = {}): Check => ({ id, title: id, needs: [], look, ...more });
const hangs = (): Promise<never> => new Promise(() => undefined);
const breaks = async (): Promise<never> => {
  throw new Error('it broke.');
};

describe('examine', () => {
  it('answers the findings in the order of the checks', async () => {
    const checks = [check('disk', async () => warn('Little is left.', 'Free some.')), check('nats', async () => ok('It answers.'))];
    expect(await examine(checks, new FakeClock(), 100)).toEqual([
      { id: 'disk', title: 'disk', state: 'warn', detail: 'Little is left.', next: 'Free some.' },
      { id: 'nats', title: 'nats', state: 'ok', detail: 'It answers.', next: null },
    ]);
  });

  it('fails the check that throws, and makes all others', async () => {
    const [broken, good] = await examine([check('disk', breaks), check('nats', async () => ok('It answers.'))], new FakeClock(), 100);
    expect(broken).toMatchObject({ state: 'fail', detail: 'disk could not be checked: it broke.' });
    expect(good).toMatchObject({ state: 'ok' });
  });

  it('fails the check that does not end by the deadline', async () => {
    const clock = new FakeClock();
    const examined = examine([check('nats', hangs)], clock, 4_000);
    await clock.pass(4_000);
    expect(await examined).toMatchObject([{ state: 'fail', detail: 'nats could not be checked: no answer within 4 s.' }]);
  });

  it('says by a check itself what its silence means', async () => {
    const undone = (words: string) => fail(`NATS is silent: ${words}.`, 'Start it.');
    expect(await examine([check('nats', breaks, { undone })], new FakeClock(), 100)).toMatchObject([
      { state: 'fail', detail: 'NATS is silent: it broke.', next: 'Start it.' },
    ]);
  });

  it('warns of a check that could not be made since one that it needs failed, by its finding or by its silence', async () => {
    const clock = new FakeClock();
    const needs = ['nats', 'postgresql'] as const;
    const examined = examine(
      [
        check('projections', breaks, { needs }),
        check('nats', hangs),
        check('postgresql', async () => fail('It is full.', 'Free some.')),
        check('checkpoints', breaks, { needs: ['log'] }),
        check('log', async () => ok('It is the one.')),
      ],
      clock,
      100,
    );
    await clock.pass(100);
    expect(await examined).toMatchObject([
      { state: 'warn', detail: 'projections could not be checked, because a check before it failed: nats and postgresql.' },
      { state: 'fail' },
      { state: 'fail', detail: 'It is full.' },
      { state: 'fail', detail: 'checkpoints could not be checked: it broke.' },
      { state: 'ok' },
    ]);
  });

  it('keeps a finding that was made although a check that it needs failed', async () => {
    const checks = [check('nats', breaks), check('streams', async () => ok('All are there.'), { needs: ['nats'] })];
    expect((await examine(checks, new FakeClock(), 100))[1]).toMatchObject({ state: 'ok' });
  });
});

describe('wordsOf', () => {
  it.each([
    ['its message', new Error('no route.'), 'no route'],
    ['the message of its cause', new Error('fetch failed', { cause: new Error('connect ECONNREFUSED') }), 'connect ECONNREFUSED'],
    [
      'each error of a host with several addresses',
      new AggregateError([new Error('v6 refused'), new Error('v4 refused')]),
      'v6 refused, v4 refused',
    ],
    ['that there is no reason', undefined, 'no reason given'],
  ])('says %s', (_what, error, words) => {
    expect(wordsOf(error)).toBe(words);
  });
});
