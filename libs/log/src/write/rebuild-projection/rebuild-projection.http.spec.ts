import { type TestApp, testAppOf } from '@app/http/testing';
import { ProjectionRefused, Projections } from '@app/read-store';
import { RebuildProjectionController } from './rebuild-projection.controller.js';

let app: TestApp;
const begun: string[] = [];
let begin: () => Promise<void> = async () => undefined;
beforeAll(async () => {
  const projections: Pick<Projections, 'has' | 'rebuild'> = {
    has: (name) => name === 'peer_directory',
    rebuild: async (name) => (begun.push(name), begin()),
  };
  app = await testAppOf([RebuildProjectionController], [{ provide: Projections, useValue: projections }]);
});
afterAll(() => app.close());

it('begins a rebuild and answers at once', async () => {
  expect(await app.ask('POST', 'projections/peer_directory/rebuild')).toMatchObject({ status: 204, text: '' });
  expect(begun).toEqual(['peer_directory']);
});

it('answers 404 for a name that no read model has, and 400 for what is no name', async () => {
  expect(await app.ask('POST', 'projections/peers/rebuild')).toMatchObject({ status: 404, body: { code: 'log.projection-unknown' } });
  expect(await app.ask('POST', 'projections/Peers;/rebuild')).toMatchObject({ status: 400, body: { errors: [{ field: 'name' }] } });
});

it('refuses a roll-up', async () => {
  begin = () => Promise.reject(new ProjectionRefused('read-store.roll-up', 'It is a roll-up.'));
  expect(await app.ask('POST', 'projections/peer_directory/rebuild')).toMatchObject({
    status: 409,
    body: { code: 'log.projection-is-rollup' },
  });
});
