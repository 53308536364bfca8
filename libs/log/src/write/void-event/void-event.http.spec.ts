import { Browser, CommandHandler, Places } from '@app/event-store';
import { type Put, type TestLog, openTestLog, poison, put, shelf, sample } from '@app/event-store/testing';
import { type TestApp, testAppOf } from '@app/http/testing';
import type { Decider } from '@app/kernel';
import { EventVoided } from '../../events/index.js';
import { Guards } from '../../guards.js';
import { VoidEventController } from './void-event.controller.js';

let log: TestLog;
let app: TestApp;
beforeAll(async () => {
  log = await openTestLog([...Object.values(shelf), EventVoided]);
  const { browser } = log.store;
  const commands = log.store.commandsOfRequests(new Uint8Array(32));
  const guards = { all: [{ hold: bolt, about: async (subject: string) => (subject.endsWith('.guarded') ? [{ id: 'guarded' }] : []) }] };
  app = await testAppOf(
    [VoidEventController],
    [given(CommandHandler, commands), given(Browser, browser), given(Guards, guards), given(Places, log.store.gate)],
  );
});
afterAll(async () => {
  await app.close();
  await log.stop();
});
/** Takes from a thing what it may do. */
const bolt: Decider<number, { id: string }, typeof Put> = {
  on: ({ id }) => sample.of(id),
  passesUnreadable: true,
  decide: (sum, { data: { id } }) => (sum < 0 ? [] : [put(id, -1 - sum, 'held')]),
};
const given = (provide: unknown, useValue: unknown) => ({ provide: provide as never, useValue });

const ask = (position: string, hash: string, reason = 'published by hand', headers = {}) =>
  app.ask('POST', 'projections/void', { position, hash, reason }, headers);
const hashAt = async (position: number): Promise<string> => (await log.store.browser.at('facts', position))?.hash ?? '';
const eventsOf = async (): Promise<number> => (await log.store.info('FACTS')).state.last_seq;

it('voids a message that is no event, and may be asked again', async () => {
  const position = await poison(log.store, 'facts.test.thing.a');
  const first = await ask(`f${position}`, await hashAt(position));
  expect(first).toMatchObject({ status: 202 });
  const end = await eventsOf();
  expect(await ask(`f${position}`, await hashAt(position))).toMatchObject({ status: 202, body: first.body });
  expect(await eventsOf()).toBe(end);
  expect(await log.store.browser.at('facts', position)).toMatchObject({ voided: true, unreadable: null });
});

it('takes from the aggregate what it may do before the message is absent, and once', async () => {
  const position = await poison(log.store, 'facts.test.thing.guarded');
  const hash = await hashAt(position);
  await ask(`f${position}`, 'e'.repeat(64));
  expect(await eventsOf()).toBe(position);
  await ask(`f${position}`, hash);
  await ask(`f${position}`, hash);
  const { events } = await log.store.browser.browse({ stream: 'facts', limit: 3 });
  expect(events.map(({ type }) => type)).toEqual(['log.event.voided', 'test.thing.put', '']);
});

it('takes nothing from the aggregate for a key that belongs to another request', async () => {
  const position = await poison(log.store, 'facts.test.thing.guarded');
  const key = { 'idempotency-key': 'void-once' };
  await ask(`f${position}`, await hashAt(position), 'published by hand', key);
  const released = { on: () => sample.of('guarded'), passesUnreadable: true as const, decide: () => [put('guarded', 9)] };
  await log.store.commands.handle(released, { data: {}, actor: 'test' });
  const end = await eventsOf();
  const other = await ask(`f${position}`, await hashAt(position), 'another reason', key);
  expect([other.status, other.body.code, await eventsOf()]).toEqual([422, 'http.key-reused', end]);
});

it('changes nothing for a good event, for another hash, and where there is no message', async () => {
  const { commands } = log.store;
  const decider = { on: () => ({ subjects: ['facts.test.thing.b'], fold: () => null }), decide: () => [put('b')] };
  await commands.handle(decider, { data: {}, actor: 'test' });
  const good = await eventsOf();
  const bad = await poison(log.store, 'facts.test.thing.c');
  const end = await eventsOf();
  expect(await ask(`f${good}`, await hashAt(good))).toMatchObject({ status: 409, body: { code: 'log.event-readable' } });
  expect(await ask(`f${bad}`, 'e'.repeat(64))).toMatchObject({ status: 409, body: { code: 'log.hash-differs' } });
  expect(await ask('f999999', 'e'.repeat(64))).toMatchObject({ status: 404, body: { code: 'log.message-unknown' } });
  expect(await ask('f0', 'e'.repeat(64))).toMatchObject({ status: 404, body: { code: 'log.message-unknown' } });
  expect(await eventsOf()).toBe(end);
});

it.each([
  ['t5', 'f'.repeat(64), 'position'],
  ['f5', 'F'.repeat(64), 'hash'],
  ['f5', 'f'.repeat(63), 'hash'],
])('refuses the position %s with the hash %s, naming the field', async (position, hash, field) => {
  expect(await ask(position, hash)).toMatchObject({ status: 400, body: { errors: [expect.objectContaining({ field })] } });
});
