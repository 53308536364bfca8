import { FactFeed, type Recorded } from '@app/event-store';
import { newEvent } from '@app/kernel';
import { stored } from '@app/kernel/testing';
import { TokenIssued, TokenRevoked } from '../events/index.js';
import { Revocations } from './revocations.adapter.js';
import { SignIns } from './sign-ins.adapter.js';

class Feed extends FactFeed {
  hear: (fact: Recorded) => void = () => undefined;
  kinds: readonly string[] = [];
  signal = new AbortController().signal;

  async watch(kinds: readonly string[], hear: (fact: Recorded) => void, signal: AbortSignal): Promise<void> {
    Object.assign(this, { kinds, hear, signal });
  }
}
const fact = (event: ReturnType<typeof newEvent>): Recorded => ({ ...stored(event, 1), correlation_id: '', causation_id: '' });

it('a token that another process revoked opens nothing here from when the facts say so', async () => {
  const { token_id } = TokenRevoked.example;
  let known = { actor: `token:${token_id}`, role: 'operator' as const, expires_at: null };
  const find = async () => known as typeof known | null;
  const signIns = new SignIns({ find } as never);
  const feed = new Feed();
  const revocations = new Revocations(feed, signIns);
  await revocations.onApplicationBootstrap();
  const token = `cb_srv_${'a'.repeat(43)}`;
  expect(await signIns.of(token)).toEqual(known);
  known = null as never;
  feed.hear(fact(newEvent(TokenIssued, TokenIssued.example)));
  expect(await signIns.of(token)).toMatchObject({ actor: `token:${token_id}` }); // Remembered.
  feed.hear(fact(newEvent(TokenRevoked, TokenRevoked.example)));
  expect(await signIns.of(token)).toBeNull();
  expect(feed.kinds).toEqual(['access.token']);
  revocations.onModuleDestroy();
  expect(feed.signal.aborted).toBe(true);
});
