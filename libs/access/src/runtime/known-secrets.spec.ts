import { asId, newEvent } from '@app/kernel';
import { MemoryLog } from '@app/event-store/testing';
import { later, NOW } from '@app/kernel/testing';
import { SessionOpened, TokenHeld, TokenIssued, type TokenId, TokenReleased, TokenRevoked } from '../events/index.js';
import type { SignIn } from './credentials.adapter.js';
import { KnownSecrets } from './known-secrets.adapter.js';
import { AccessUnavailable } from '../adapters/postgres.adapter.js';
import { Revocations } from './revocations.adapter.js';
import { Rights } from './rights.adapter.js';
import { hashOf, newSecret } from '../adapters/secret.adapter.js';
import { SignIns } from './sign-ins.adapter.js';

const token_id = asId<TokenId>('11111111-1111-4111-8111-111111111111');
const issued = newEvent(TokenIssued, { ...TokenIssued.example, token_id });

/** A process that follows the facts, on rows that another process writes. */
function setUp() {
  const rows = new Map<string, SignIn>();
  const fixture = { now: Date.parse(NOW), isDown: false, loads: 0 };
  const inForce = async (actor?: string) => {
    fixture.loads++;
    if (fixture.isDown) throw new AccessUnavailable();
    return [...rows].filter(([, signIn]) => actor === undefined || signIn.actor === actor).map(([hash, signIn]) => ({ hash, signIn }));
  };
  const secrets = new KnownSecrets({ inForce }, () => fixture.now);
  const log = new MemoryLog();
  const rights = new Rights(log, { isOpen: () => true, acceptedAt: () => null });
  const signIns = new SignIns({ find: async () => null }, rights, secrets);
  const subscribed = new Revocations(log.subscription, signIns, rights, secrets);
  const keep = (actor: string, kind: 'token' | 'session' = 'token', expires_at: SignIn['expires_at'] = null): string => {
    const secret = newSecret(kind);
    rows.set(hashOf(secret), { actor, role: 'viewer', expires_at, caller_id: null, bindings: [] });
    return secret;
  };
  return { fixture, secrets, log, keep, subscribed, rows };
}
/** Whatever was asked of a promise that is settled has been answered by then. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('knows after the start every secret that is in force, before any of them was used', async () => {
  const { secrets, keep, subscribed } = setUp();
  const [token, session] = [keep('token:t-1'), keep('session:s-1', 'session')];
  await subscribed.onApplicationBootstrap();
  expect([secrets.actorOf(token), secrets.actorOf(session)]).toEqual(['token:t-1', 'session:s-1']);
  for (const stranger of [newSecret('token'), newSecret('session'), newSecret('login'), '']) expect(secrets.actorOf(stranger)).toBeNull();
  subscribed.onModuleDestroy();
});

it('knows a token and a session that another process made, from when the facts say so', async () => {
  const { secrets, keep, subscribed, log } = setUp();
  await subscribed.onApplicationBootstrap();
  const token = keep(`token:${token_id}`);
  const session = keep(`session:${SessionOpened.example.session_id}`, 'session');
  expect(secrets.actorOf(token)).toBeNull();
  log.add(issued, newEvent(SessionOpened, SessionOpened.example));
  await settled();
  expect(secrets.actorOf(token)).toBe(`token:${token_id}`);
  expect(secrets.actorOf(session)).toBe(`session:${SessionOpened.example.session_id}`);
  subscribed.onModuleDestroy();
});

it('takes a token that is revoked or held for a stranger, and one that is released for its own again', async () => {
  const { secrets, keep, subscribed, log } = setUp();
  log.add(issued);
  const token = keep(`token:${token_id}`);
  await subscribed.onApplicationBootstrap();
  log.add(newEvent(TokenHeld, { token_id }));
  expect(secrets.actorOf(token)).toBeNull();
  log.add(newEvent(TokenReleased, { token_id }));
  await settled();
  expect(secrets.actorOf(token)).toBe(`token:${token_id}`);
  log.add(newEvent(TokenRevoked, { token_id }));
  expect(secrets.actorOf(token)).toBeNull();
  subscribed.onModuleDestroy();
});

it('takes a secret that has run out for a stranger', async () => {
  const { fixture, secrets, keep } = setUp();
  const token = keep('token:t-1', 'token', later(1));
  await secrets.load();
  expect(secrets.actorOf(token)).toBe('token:t-1');
  fixture.now = Date.parse(later(1));
  expect(secrets.actorOf(token)).toBeNull();
});

it('loads again what it could not load while PostgreSQL was silent, and not at every request', async () => {
  const { fixture, secrets, keep } = setUp();
  const token = keep('token:t-1');
  fixture.isDown = true;
  await secrets.load();
  for (let i = 0; i < 50; i++) expect(secrets.actorOf(newSecret('token'))).toBeNull();
  expect(fixture.loads).toBe(1);
  fixture.isDown = false;
  fixture.now += 2_000;
  expect(secrets.actorOf(newSecret('token'))).toBeNull();
  await settled();
  expect([fixture.loads, secrets.actorOf(token)]).toEqual([2, 'token:t-1']);
});

it('forgets a secret that PostgreSQL no longer knows', async () => {
  const { secrets, keep } = setUp();
  const token = keep('token:t-1');
  await secrets.load();
  const signIns = new SignIns(
    { find: async () => null },
    { letIn: async () => true, isOver: () => false, endsAt: () => Infinity },
    secrets,
  );
  expect(await signIns.of(token)).toBeNull();
  expect(secrets.actorOf(token)).toBeNull();
});
