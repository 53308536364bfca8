import { Logger } from '@nestjs/common';
import { MemoryLog } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { TokenIssued, TokenRevoked } from '../events/index.js';
import { Revocations } from './revocations.adapter.js';
import { SignIns } from './sign-ins.adapter.js';

it('a token that another process revoked opens nothing here from when the facts say so', async () => {
  const { token_id } = TokenRevoked.example;
  const caller = { actor: `token:${token_id}`, role: 'operator' as const, expires_at: null };
  let known: typeof caller | null = caller;
  const signIns = new SignIns({ find: async () => known } as never);
  const log = new MemoryLog();
  const revocations = new Revocations(log.feed, signIns);
  await revocations.onApplicationBootstrap();
  const [token, another] = [`cb_srv_${'a'.repeat(43)}`, `cb_srv_${'b'.repeat(43)}`];
  expect(await signIns.of(token)).toEqual(caller);
  known = null;
  log.add(newEvent(TokenIssued, TokenIssued.example));
  expect(await signIns.of(token)).toEqual(caller); // Remembered.
  log.add(newEvent(TokenRevoked, TokenRevoked.example));
  expect(await signIns.of(token)).toBeNull();

  known = caller;
  expect(await signIns.of(another)).toEqual(caller);
  known = null;
  revocations.onModuleDestroy();
  log.add(newEvent(TokenRevoked, TokenRevoked.example));
  expect(await signIns.of(another)).toEqual(caller); // It is heard no more.
});

it('that it cannot follow them is said, and keeps nothing from starting', async () => {
  const said: string[] = [];
  Logger.overrideLogger({ log: () => undefined, error: () => undefined, warn: (words) => void said.push(words) });
  const log = new MemoryLog();
  const following = new Revocations(log.feed, new SignIns({ find: async () => null } as never)).onApplicationBootstrap();
  log.lose();
  await following;
  expect(said).toEqual(['revocations are not followed any more, and count after half a minute: the log is another one']);
});
