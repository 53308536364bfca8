import { type TestApp, testAppOf } from '@app/http/testing';
import { ProjectionRefused, Projections, type Unit } from '@app/read-store';
import { RetryProjectionController } from './retry-projection.controller.js';

let app: TestApp;
const asked: (Unit | undefined)[] = [];
let answer: () => Promise<{ released: number; parked: number }>;
beforeAll(async () => {
  const projections: Pick<Projections, 'has' | 'retry'> = {
    has: (name) => name === 'peer_directory',
    retry: async (_name, unit) => (asked.push(unit), answer()),
  };
  app = await testAppOf([RetryProjectionController], [{ provide: Projections, useValue: projections }]);
});
beforeEach(() => {
  asked.length = 0;
  answer = async () => ({ released: 2, parked: 1 });
});
afterAll(() => app.close());

const ask = (body: object, name = 'peer_directory') => app.ask('POST', `projections/${name}/retry`, body);

it('folds all parked rows again, or the one that is named, and answers what became of them', async () => {
  expect(await ask({})).toMatchObject({ status: 200, body: { released: 2, parked: 1 } });
  expect(await ask({ unit: 'row', value: 'peer-lisbon' })).toMatchObject({ status: 200 });
  expect(asked).toEqual([undefined, { unit: 'row', value: 'peer-lisbon' }]);
});

it('answers 404 for a name that no read model has', async () => {
  expect(await ask({}, 'peers')).toMatchObject({ status: 404, body: { code: 'log.projection-unknown' } });
});

it.each([
  ['read-store.roll-up', 409, 'log.projection-is-rollup'],
  ['read-store.not-kept', 503, 'log.projector-not-running'],
  ['read-store.needs-release', 503, 'log.projector-failed'],
])('answers what stopped the projector (%s) with %s and a code', async (code, status, said) => {
  answer = () => Promise.reject(new ProjectionRefused(code, 'It cannot.'));
  expect(await ask({})).toMatchObject({ status, body: { code: said } });
});

it.each([
  [{ unit: 'row' }, 'value'],
  [{ unit: 'table', value: 'x' }, 'unit'],
  [{ unit: 'row', value: 'a\0' }, 'value'],
])('refuses %j, naming the field', async (body, field) => {
  const refused = await ask(body);
  expect(refused).toMatchObject({ status: 400, body: { errors: expect.arrayContaining([expect.objectContaining({ field })]) as unknown } });
  expect(asked).toEqual([]);
});
