import { Logger } from '@nestjs/common';
import type { LogAcceptance } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { TokenIssued, TokenRevoked } from '../events/index.js';
import { KnownSecrets } from './known-secrets.adapter.js';
import { Revocations } from './revocations.adapter.js';
import { Rights } from './rights.adapter.js';
import { SignIns } from './sign-ins.adapter.js';

const noSecrets = (): KnownSecrets => new KnownSecrets({ inForce: async () => [] });
const acceptance: LogAcceptance = { isOpen: () => true, acceptedAt: () => null };

it('a token that another process revoked opens nothing here from when the facts say so', async () => {
  const { token_id } = TokenRevoked.example;
  const caller = { actor: `token:${token_id}`, role: 'operator' as const, expires_at: null, caller_id: token_id, bindings: [] };
  let known: typeof caller | null = caller;
  const log = new MemoryLog();
  const rights = new Rights(log, acceptance);
  const signIns = new SignIns({ find: async () => known } as never, rights, noSecrets());
  const revocations = new Revocations(log.subscription, signIns, rights, noSecrets());
  await revocations.onApplicationBootstrap();
  const [token, another] = [`cb_srv_${'a'.repeat(43)}`, `cb_srv_${'b'.repeat(43)}`];
  expect(await signIns.of(token)).toEqual(caller);
  known = null;
  log.add(newEvent(TokenIssued, TokenIssued.example));
  expect(await signIns.of(token)).toEqual(caller); // Remembered.
  log.add(newEvent(TokenRevoked, TokenRevoked.example));
  expect(await signIns.of(token)).toBeNull();

  known = caller; // PostgreSQL was put back to an earlier moment.
  expect(await signIns.of(another)).toBeNull();
  revocations.onModuleDestroy();
});

it('that it cannot follow them is said, and keeps nothing from starting', async () => {
  const said: string[] = [];
  Logger.overrideLogger({ log: () => undefined, error: () => undefined, warn: (words) => void said.push(words) });
  const log = new MemoryLog();
  const rights = new Rights(log, acceptance);
  const signIns = new SignIns({ find: async () => null } as never, rights, noSecrets());
  const subscribed = new Revocations(log.subscription, signIns, rights, noSecrets()).onApplicationBootstrap();
  log.lose();
  await subscribed;
  expect(said).toEqual(['revocations are not followed any more, and count after half a minute: the log is another one']);
});
