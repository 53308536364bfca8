import type { Instant } from '@app/kernel';
import type { LogAcceptance } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { asId, newEvent } from '@app/kernel';
import {
  SessionClosed,
  SessionOpened,
  TokenHeld,
  type TokenId,
  TokenIssued,
  TokenReleased,
  TokenRevoked,
  TokenRotated,
} from '../events/index.js';
import { Revocations } from './revocations.adapter.js';
import { Rights } from './rights.adapter.js';

const about = { token_id: TokenIssued.example.token_id };
const token = `token:${about.token_id}`;
const [issued, held, released, revoked] = [
  newEvent(TokenIssued, TokenIssued.example),
  newEvent(TokenHeld, about),
  newEvent(TokenReleased, about),
  newEvent(TokenRevoked, about),
];

let log: MemoryLog;
let acceptedAt: Instant | null;
let rights: Rights;
let subscribed: Revocations;
beforeEach(async () => {
  log = new MemoryLog();
  acceptedAt = null;
  const acceptance: LogAcceptance = { isOpen: () => true, acceptedAt: () => acceptedAt };
  rights = new Rights(log, acceptance);
  subscribed = new Revocations(log.subscription, { forget: () => undefined, endSet: () => undefined } as never, rights, {
    load: async () => undefined,
  } as never);
  await subscribed.onApplicationBootstrap();
});
afterEach(() => subscribed.onModuleDestroy());

it('lets nobody in by a token that was revoked, whatever PostgreSQL still has', async () => {
  log.add(issued);
  expect(await rights.letIn(token)).toBe(true);
  log.add(revoked);
  expect(await rights.letIn(token)).toBe(false);
});

it('lets nobody in by a token that is held, until it is released', async () => {
  log.add(issued, held);
  expect(await rights.letIn(token)).toBe(false);
  log.add(released);
  expect(await rights.letIn(token)).toBe(true);
});

it('lets nobody in by a token that was rotated, whatever PostgreSQL still has, once its overlap is over', async () => {
  const next_token_id = asId<TokenId>('t-2');
  const rotated = (ends_at: string | null) =>
    newEvent(TokenRotated, { ...about, next_token_id, ends_at: ends_at as (typeof TokenRotated.example)['ends_at'] });
  log.add(issued, rotated(new Date(Date.now() + 3_600_000).toISOString()));
  expect(await rights.letIn(token)).toBe(true);
  log.add(held, released); // The overlap is not forgotten over these.
  log.add(rotated(new Date(Date.now() - 1).toISOString()));
  expect(await rights.letIn(token)).toBe(false);
  subscribed.onModuleDestroy();
  const again = new Rights(log, { isOpen: () => true, acceptedAt: () => null });
  subscribed = new Revocations(log.subscription, { forget: () => undefined, endSet: () => undefined } as never, again, {
    load: async () => undefined,
  } as never);
  await subscribed.onApplicationBootstrap();
  expect(await again.letIn(token)).toBe(false);
  log.add(rotated(null));
  expect(await again.letIn(token)).toBe(false);
});

it('lets nobody in by a session that was closed', async () => {
  const { session_id } = SessionOpened.example;
  log.add(newEvent(SessionOpened, SessionOpened.example));
  expect(await rights.letIn(`session:${session_id}`)).toBe(true);
  log.add(newEvent(SessionClosed, { session_id }));
  expect(await rights.letIn(`session:${session_id}`)).toBe(false);
});

it('lets nobody in by what no fact names, after the log was accepted as it is', async () => {
  const nameless = 'token:11111111-1111-4111-8111-111111111111';
  expect(await rights.letIn(nameless)).toBe(true); // Its fact may be on its way.
  acceptedAt = '2026-02-01T12:00:00.000Z';
  expect(await rights.letIn(nameless)).toBe(false);
  expect(await rights.letIn('session:11111111-1111-4111-8111-111111111111')).toBe(false);
});

it('asks the log itself before it refuses what it has not heard of', async () => {
  acceptedAt = '2026-02-01T12:00:00.000Z';
  log.isHeldBack = true;
  const other = asId<TokenId>('22222222-2222-4222-8222-222222222222');
  log.add(newEvent(TokenIssued, { ...TokenIssued.example, token_id: other }));
  expect(await rights.letIn(`token:${other}`)).toBe(true);
});
