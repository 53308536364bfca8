import type { LogAcceptance } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type NewEvent, asId, newEvent } from '@app/kernel';
import { SessionClosed, SessionOpened, TokenHeld, type TokenId, TokenIssued, TokenRevoked, TokenRotated } from '../events/index.js';
import { KnownSecrets } from './known-secrets.adapter.js';
import { Revocations } from './revocations.adapter.js';
import { Rights } from './rights.adapter.js';
import { SignIns } from './sign-ins.adapter.js';

const acceptance: LogAcceptance = { isOpen: () => true, acceptedAt: () => null };
const about = { token_id: TokenIssued.example.token_id };
const token = `token:${about.token_id}`;
const DAY_MS = 24 * 3_600_000;
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString() as '2026-02-01T12:00:00.000Z';

let log: MemoryLog;
let signIns: SignIns;
let subscribed: Revocations;
let ended: string[];
const listen = (actor: string, expires_at: ReturnType<typeof inMs> | null = null): (() => void) =>
  signIns.onEnd({ actor, expires_at }, () => void ended.push(actor));

beforeEach(async () => {
  jest.useFakeTimers();
  log = new MemoryLog();
  const secrets = new KnownSecrets({ inForce: async () => [] });
  const rights = new Rights(log, acceptance);
  signIns = new SignIns({ find: async () => null }, rights, secrets);
  subscribed = new Revocations(log.subscription, signIns, rights, secrets);
  await subscribed.onApplicationBootstrap();
  ended = [];
  log.add(newEvent(TokenIssued, TokenIssued.example));
});
afterEach(() => {
  subscribed.onModuleDestroy();
  jest.useRealTimers();
});

const next_token_id = asId<TokenId>('t-next');
it.each<[string, NewEvent]>([
  ['revoked', newEvent(TokenRevoked, about)],
  ['held', newEvent(TokenHeld, about)],
  ['rotated at once', newEvent(TokenRotated, { ...about, next_token_id, ends_at: null })],
])('tells all that a token has open, as soon as a fact says that it is %s, and nobody else', (_how, fact) => {
  listen(token);
  listen(token);
  listen('token:other');
  log.add(fact);
  expect(ended).toEqual([token, token]);
  log.add(fact);
  expect(ended).toHaveLength(2);
  expect(jest.getTimerCount()).toBe(0);
});

it('tells what a session has open when it is closed', () => {
  const { session_id } = SessionOpened.example;
  log.add(newEvent(SessionOpened, SessionOpened.example));
  listen(`session:${session_id}`);
  log.add(newEvent(SessionClosed, { session_id }));
  expect(ended).toEqual([`session:${session_id}`]);
});

it('tells at once where the right ended before anybody listened', () => {
  log.add(newEvent(TokenRevoked, about));
  listen(token);
  expect(ended).toEqual([token]);
});

it.each([1_000, 40 * DAY_MS])('tells when a token expires, after %d ms', (ms) => {
  listen(token, inMs(ms));
  jest.advanceTimersByTime(ms - 1);
  expect(ended).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(ended).toEqual([token]);
});

it('tells when the overlap of a rotated token is over, whether it was open before the rotation or after', () => {
  listen(token, inMs(40 * DAY_MS));
  log.add(newEvent(TokenRotated, { ...about, next_token_id, ends_at: inMs(60_000) }));
  listen(token);
  jest.advanceTimersByTime(59_999);
  expect(ended).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(ended).toEqual([token, token]);
});

it('tells nobody who has stopped listening, and keeps no timer for them', () => {
  listen(token, inMs(1_000))();
  expect(jest.getTimerCount()).toBe(0);
  log.add(newEvent(TokenRevoked, about));
  expect(ended).toEqual([]);
});
