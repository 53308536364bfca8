import { later, NOW } from '@app/kernel/testing';
import type { SignIn } from './credentials.adapter.js';
import { KnownSecrets } from './known-secrets.adapter.js';
import { AccessUnavailable } from '../adapters/postgres.adapter.js';
import { hashOf, newSecret } from '../adapters/secret.adapter.js';
import { FRESH_MS, MAX_KNOWN, MAX_UNKNOWN, MAX_UNKNOWN_ASKED, MISS_MS, OUTAGE_MS, SignIns } from './sign-ins.adapter.js';

const viewer = (actor: string, expires_at: SignIn['expires_at'] = null): SignIn => ({
  ...{ actor, role: 'viewer', expires_at },
  ...{ caller_id: null, bindings: [] },
});

/** PostgreSQL as a table, and a clock that only the test moves. */
function setUp() {
  const rows = new Map<string, SignIn>();
  const fixture = { rows, now: Date.parse(NOW), asked: 0, down: false, answer: undefined as Promise<SignIn | null> | undefined };
  const find = async (_kind: string, hash: string): Promise<SignIn | null> => {
    fixture.asked++;
    if (fixture.down) throw new AccessUnavailable();
    return fixture.answer ?? rows.get(hash) ?? null;
  };
  const issue = (actor: string, expires_at: SignIn['expires_at'] = null): string => {
    const secret = newSecret('token');
    rows.set(hashOf(secret), viewer(actor, expires_at));
    return secret;
  };
  const inForce = async () => [...rows].map(([hash, signIn]) => ({ hash, signIn }));
  const process = (secrets = new KnownSecrets({ inForce: async () => [] })): SignIns =>
    new SignIns({ find }, { letIn: async () => true, isOver: () => false, endsAt: () => Infinity }, secrets, () => fixture.now);
  return { inForce, fixture, issue, process, revoke: (secret: string) => rows.delete(hashOf(secret)) };
}

it('asks once for what is used again and again', async () => {
  const { fixture, issue, process } = setUp();
  const signIns = process();
  const secret = issue('token:t-1');
  for (let i = 0; i < 5; i++) expect(await signIns.of(secret)).toEqual(viewer('token:t-1'));
  expect(fixture.asked).toBe(1);
});

it('does not even ask for what is no secret', async () => {
  const { fixture, process } = setUp();
  for (const text of ['', 'cb_srv_', `x${newSecret('token')}`, newSecret('login')]) expect(await process().of(text)).toBeNull();
  expect(fixture.asked).toBe(0);
});

it('knows a revocation at once where it was made, within 30 s elsewhere, and not before it must', async () => {
  const { fixture, issue, process, revoke } = setUp();
  const [here, elsewhere] = [process(), process()];
  const secret = issue('token:t-1');
  await Promise.all([here.of(secret), elsewhere.of(secret)]);
  revoke(secret);
  here.forget('token:t-1');
  expect(await here.of(secret)).toBeNull();
  fixture.now += FRESH_MS - 1;
  expect(await elsewhere.of(secret)).not.toBeNull();
  fixture.now += 1;
  expect(await elsewhere.of(secret)).toBeNull();
});

it('does not remember an answer that a revocation overtook', async () => {
  const { fixture, issue, process, revoke } = setUp();
  const signIns = process();
  const secret = issue('token:t-1');
  const answer = Promise.withResolvers<SignIn | null>();
  fixture.answer = answer.promise;
  const first = signIns.of(secret);
  revoke(secret);
  signIns.forget('token:t-1');
  fixture.answer = undefined;
  answer.resolve(viewer('token:t-1')); // Read before the row was gone.
  await first;
  expect(await signIns.of(secret)).toBeNull();
});

it('forgets one and keeps the others', async () => {
  const { fixture, issue, process } = setUp();
  const signIns = process();
  const [one, other] = [issue('token:t-1'), issue('token:t-2')];
  await signIns.of(one);
  await signIns.of(other);
  signIns.forget('token:t-1');
  await signIns.of(other);
  expect(fixture.asked).toBe(2);
});

it('looks at the expiry of what it remembers', async () => {
  const { fixture, issue, process } = setUp();
  const signIns = process();
  const secret = issue('token:t-1', new Date(fixture.now + 10_000).toISOString() as SignIn['expires_at']);
  fixture.now += 9_999;
  expect(await signIns.of(secret)).not.toBeNull();
  fixture.now += 1;
  expect(await signIns.of(secret)).toBeNull();
});

it('does not let in what expired before it was first seen', async () => {
  const { issue, process } = setUp();
  expect(await process().of(issue('token:t-1', later(0)))).toBeNull();
});

describe('while PostgreSQL does not answer', () => {
  it('goes by what it said last, for 15 minutes', async () => {
    const { fixture, issue, process } = setUp();
    const signIns = process();
    const secret = issue('token:t-1');
    await signIns.of(secret);
    fixture.down = true;
    fixture.now += OUTAGE_MS - 1;
    expect(await signIns.of(secret)).toEqual(viewer('token:t-1'));
    fixture.now += 2_000; // It is left in peace so long.
    await expect(signIns.of(secret)).rejects.toThrow(AccessUnavailable);
  });

  it('lets nobody in whom it has not seen, and denies nobody', async () => {
    const { fixture, issue, process } = setUp();
    const secret = issue('token:t-1');
    fixture.down = true;
    await expect(process().of(secret)).rejects.toMatchObject({ problem: { status: 503, code: 'access.unavailable' } });
  });

  it('looks at the expiry', async () => {
    const { fixture, issue, process } = setUp();
    const signIns = process();
    const secret = issue('token:t-1', later(1));
    await signIns.of(secret);
    fixture.down = true;
    fixture.now += 60_000;
    expect(await signIns.of(secret)).toBeNull();
  });

  it('keeps a revocation that was made just before', async () => {
    const { fixture, issue, process } = setUp();
    const signIns = process();
    const secret = issue('token:t-1');
    await signIns.of(secret);
    signIns.forget('token:t-1');
    fixture.down = true;
    await expect(signIns.of(secret)).rejects.toThrow(AccessUnavailable);
  });

  it('does not ask at every request, and takes the first answer there is', async () => {
    const { fixture, issue, process, revoke } = setUp();
    const signIns = process();
    const secret = issue('token:t-1');
    await signIns.of(secret);
    fixture.down = true;
    fixture.now += FRESH_MS;
    for (let i = 0; i < 5; i++) await signIns.of(secret);
    expect(fixture.asked).toBe(2);
    fixture.down = false;
    revoke(secret);
    fixture.now += 2_000;
    expect(await signIns.of(secret)).toBeNull();
  });

  it('does not take a mistake of ours for an outage', async () => {
    const { fixture, issue, process } = setUp();
    const signIns = process();
    const secret = issue('token:t-1');
    await signIns.of(secret);
    fixture.now += FRESH_MS;
    fixture.answer = Promise.reject(new TypeError('ours'));
    await expect(signIns.of(secret)).rejects.toThrow('ours');
  });
});

it('has room for 1,000, and the least recently used goes first', async () => {
  const { fixture, issue, process } = setUp();
  const signIns = process();
  const secrets = Array.from({ length: MAX_KNOWN }, (_, i) => issue(`token:t-${i}`));
  for (const secret of secrets) await signIns.of(secret);
  const [first = '', second = ''] = secrets;
  await signIns.of(first);
  await signIns.of(issue('token:one-more'));
  expect(fixture.asked).toBe(MAX_KNOWN + 1);
  await signIns.of(first);
  expect(fixture.asked).toBe(MAX_KNOWN + 1);
  await signIns.of(second);
  expect(fixture.asked).toBe(MAX_KNOWN + 2);
});

describe('of strangers', () => {
  it('asks once in a while for one and the same secret that nobody has', async () => {
    const { fixture, process } = setUp();
    const signIns = process();
    const wrong = newSecret('token');
    for (let i = 0; i < 5; i++) expect(await signIns.of(wrong)).toBeNull();
    expect(fixture.asked).toBe(1);
    fixture.now += MISS_MS;
    await signIns.of(wrong);
    expect(fixture.asked).toBe(2);
  });

  it('remembers a bounded number', async () => {
    const { fixture, process } = setUp();
    const signIns = process();
    const first = newSecret('token');
    await signIns.of(first);
    for (let i = 0; i < MAX_UNKNOWN; i++) await signIns.of(newSecret('token'));
    fixture.asked = 0;
    await signIns.of(first);
    expect(fixture.asked).toBe(1);
  });

  it('asks for few at a time, and goes on with those it knows', async () => {
    const { fixture, issue, process } = setUp();
    const signIns = process();
    const known = issue('token:t-1');
    await signIns.of(known);
    fixture.now += FRESH_MS; // It is asked for again.
    fixture.asked = 0;
    const answer = Promise.withResolvers<null>();
    fixture.answer = answer.promise;
    const strangers = Array.from({ length: 500 }, () => signIns.of(newSecret('token')));
    const settled = Promise.allSettled(strangers);
    expect(fixture.asked).toBe(MAX_UNKNOWN_ASKED);
    fixture.answer = undefined;
    expect(await signIns.of(known)).toEqual(viewer('token:t-1'));
    answer.resolve(null);
    const outcomes = (await settled).map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as object)));
    expect(outcomes.filter((one) => one === null)).toHaveLength(MAX_UNKNOWN_ASKED);
    expect(outcomes.filter((one) => one instanceof AccessUnavailable)).toHaveLength(500 - MAX_UNKNOWN_ASKED);
    expect(await signIns.of(newSecret('token'))).toBeNull(); // And then again.
  });

  it('asks for a token that is in force and was not used here yet, however many strangers wait', async () => {
    const { fixture, issue, process, inForce } = setUp();
    const secret = issue('token:t-1');
    const secrets = new KnownSecrets({ inForce });
    await secrets.load();
    const signIns = process(secrets);
    const answer = Promise.withResolvers<null>();
    fixture.answer = answer.promise;
    const strangers = Promise.allSettled(Array.from({ length: MAX_UNKNOWN_ASKED }, () => signIns.of(newSecret('token'))));
    fixture.answer = undefined;
    expect(await signIns.of(secret)).toEqual(viewer('token:t-1'));
    answer.resolve(null);
    await strangers;
  });
});
