import type { FactoryProvider } from '@nestjs/common';
import { guardEveryRoute } from './runtime/access-guard.adapter.js';
import { Bearers } from './adapters/bearer.adapter.js';
import { Credentials } from './runtime/credentials.adapter.js';
import { KnownCallers } from './runtime/known-callers.adapter.js';
import { KnownSecrets } from './runtime/known-secrets.adapter.js';
import { PrivateTables } from './adapters/postgres.adapter.js';
import { Revocations } from './runtime/revocations.adapter.js';
import { Rights } from './runtime/rights.adapter.js';
import { SessionCookie } from './adapters/session-cookie.adapter.js';
import { SignIns } from './runtime/sign-ins.adapter.js';
import * as events from './events/index.js';
import { AccessTables1764547200000 } from './private/access-tables.migration.js';
import { LoginCodeRow } from './private/login-code.entity.js';
import { OwedRevocationRow } from './private/owed-revocation.entity.js';
import { OwedRevocation1780272060000 } from './private/owed-revocation.migration.js';
import { ServiceTokenRow } from './private/service-token.entity.js';
import { SessionRow } from './private/session.entity.js';
import { TokenCaller1796097600000 } from './private/token-caller.migration.js';
import { ExpiredTokensJob } from './private/expired-tokens.job.js';
import { TokenUse1796083200000 } from './private/token-use.migration.js';
import { guards, holds } from './holds.js';
import { NewTokens } from './new-tokens.provider.js';
import { problems } from './problems.js';
import { TokenDirectoryController } from './read/token-directory/token-directory.controller.js';
import { tokenDirectory } from './read/token-directory/token-directory.projection.js';
import { WhoAmIController } from './read/who-am-i/who-am-i.controller.js';
import { refusals } from './refusals.js';
import { CloseSessionController } from './write/close-session/close-session.controller.js';
import { IssueTokenController } from './write/issue-token/issue-token.controller.js';
import { Attempts } from './write/open-session/attempts.js';
import { OpenSessionController } from './write/open-session/open-session.controller.js';
import { ReleaseTokenController } from './write/release-token/release-token.controller.js';
import { RotateTokenController } from './write/rotate-token/rotate-token.controller.js';
import { OwedRevocations } from './write/revoke-token/owed-revocations.provider.js';
import { RevokeTokenController } from './write/revoke-token/revoke-token.controller.js';

/** By factories, for the clock they have in tests. */
const knownSecrets: FactoryProvider<KnownSecrets> = {
  provide: KnownSecrets,
  inject: [Credentials],
  useFactory: (credentials: Credentials) => new KnownSecrets(credentials),
};
const signIns: FactoryProvider<SignIns> = {
  provide: SignIns,
  inject: [Credentials, Rights, KnownSecrets],
  useFactory: (credentials: Credentials, rights: Rights, secrets: KnownSecrets) => new SignIns(credentials, rights, secrets),
};
/** Who faces the world, and answers holders of service tokens there. */
const ofTokens = [Bearers, Credentials, PrivateTables, Revocations, Rights, knownSecrets, signIns] as const;

/**
 * The context's definition. Who takes its providers has its guard in front of every route. They need `CommandHandler`, `InstanceIdentity`,
 * `ReadModels`, `AccessOptions`, TypeORM's `DataSource` with the entities and migrations, and the plugin @fastify/cookie.
 */
export const access = {
  events, //                                         who folds, projects or lists them
  refusals, //                                       who answers with them
  problems, //                                       and what is said before a rule is asked
  projections: [tokenDirectory], //                  the projector
  holds, //                                          an accept of the log
  guards, //                                         a void
  openings: ['private.session', 'private.login_code'], // what a restore closes
  resources: ['session', 'tokens'], //               the roots of its routes, no other room's
  controllers: [
    CloseSessionController,
    IssueTokenController,
    OpenSessionController,
    ReleaseTokenController,
    RevokeTokenController,
    RotateTokenController,
    TokenDirectoryController,
    WhoAmIController,
  ], //                                              the API
  providers: [...ofTokens, Attempts, KnownCallers, NewTokens, OwedRevocations, SessionCookie, ExpiredTokensJob, guardEveryRoute],
  jobs: [OwedRevocations, ExpiredTokensJob], //                      whoever owns the deadlines of this context
  publicProviders: ofTokens, //                      who faces the world
  entities: [LoginCodeRow, OwedRevocationRow, ServiceTokenRow, SessionRow],
  migrations: [AccessTables1764547200000, OwedRevocation1780272060000, TokenUse1796083200000, TokenCaller1796097600000],
} as const;
