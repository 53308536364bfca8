import { Browser, Places } from '@app/event-store';
import { type TestApp, testAppOf } from '@app/http/testing';
import { Position } from '@app/kernel';
import { type ParkedObservation, type ProjectionObservation, Projections } from '@app/read-store';
import { ProjectionListController } from './projection-list.controller.js';

const seen: ProjectionObservation = {
  name: 'peer_directory',
  kind: 'projection',
  version: 2,
  stream: 'facts',
  state: null,
  position: 7,
  lag_events: 3,
  lag_seconds: 1.5,
  stalled_seconds: 0,
  parked: 1,
  error: null,
  needs_release: null,
  building: { position: 4, target: 7 },
  rebuilt: null,
};
const row: ParkedObservation = {
  unit: 'row',
  value: 'peer-lisbon',
  stream: 'facts',
  position: 5,
  subject: 'facts.federation.peer.peer-lisbon',
  type: '',
  code: 'decode.missing-headers',
  detail: 'It has no headers.',
  release: '0.1.0',
  skipped: 0,
  parked_at: '2026-02-01T12:00:00.000Z',
};
const message = { hash: 'f'.repeat(64), voided: false, unreadable: { code: 'decode.missing-headers', detail: '' } };

let app: TestApp;
let event: object | null = message;
const limits: number[] = [];
beforeAll(async () => {
  const projections: Pick<Projections, 'has' | 'list' | 'parked'> = {
    has: (name) => name === seen.name,
    list: async () => [seen],
    parked: async (_name, limit) => (limits.push(limit), [row]),
  };
  const providers = [
    { provide: Projections, useValue: projections },
    { provide: Browser, useValue: { at: async () => event } },
    { provide: Places, useValue: { token: (parts) => new Position(parts).format(), isOurs: () => true } satisfies Places },
  ];
  app = await testAppOf([ProjectionListController], providers);
});
beforeEach(() => void (event = message));
afterAll(() => app.close());

const parked = async (query = '') => app.ask('GET', `projections/${seen.name}/parked${query}`);

it('lists each read model with positions as tokens, and says when nobody keeps it', async () => {
  expect((await app.ask('GET', 'projections')).body).toMatchObject({
    data: [
      {
        name: seen.name,
        state: 'not_running',
        health: 'down',
        position: 'f7',
        building: { position: 'f4', target: 'f7' },
        parked: 1,
        lag_seconds: 1.5,
      },
    ],
  });
});

it('shows what is parked with the hash that a void must name', async () => {
  expect((await parked()).body).toMatchObject({ data: [{ value: 'peer-lisbon', position: 'f5', voidable: true, hash: message.hash }] });
});

it.each([
  ['can be read', { ...message, unreadable: null }],
  ['is of a newer release', { ...message, unreadable: { code: 'event.unknown', detail: '' } }],
  ['is voided already', { ...message, voided: true }],
  ['the stream keeps no more', null],
])('does not offer to void an event that %s', async (_why, found) => {
  event = found;
  expect((await parked()).body).toMatchObject({ data: [{ voidable: false }] });
});

it('takes a limit of 1 to 200, and 50 when none is given', async () => {
  limits.length = 0;
  await parked();
  await parked('?limit=200');
  expect(limits).toEqual([50, 200]);
  for (const limit of ['0', '201', 'x'])
    expect(await parked(`?limit=${limit}`)).toMatchObject({ status: 400, body: { code: 'http.invalid' } });
});

it('answers 404 for a name that no read model has', async () => {
  expect(await app.ask('GET', 'projections/peers/parked')).toMatchObject({ status: 404, body: { code: 'log.projection-unknown' } });
});
