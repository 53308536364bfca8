import { Injectable } from '@nestjs/common';
import { networkOf } from '@app/http';
import { RateLimit } from '@app/kernel';
import type { SignIn } from '../runtime/credentials.adapter.js';
import { KnownSecrets } from '../runtime/known-secrets.adapter.js';
import { kindOf } from './secret.adapter.js';
import { SignIns } from '../runtime/sign-ins.adapter.js';

/** Secrets that are not known here and were sent from one network. Callers may share it with strangers: theirs are known and do not count. */
const STRANGERS = { perSecond: 20, burst: 200, maxKeys: 4_096 };
const BEARER = /^bearer +(\S+)$/i;

/** '' where there is none. */
export const bearerIn = (authorization: string | string[] | undefined): string =>
  (typeof authorization === 'string' && BEARER.exec(authorization)?.[1]) || '';

/** Who sends an Authorization header. */
@Injectable()
export class Bearers {
  private readonly strangers = new RateLimit(STRANGERS);

  constructor(
    private readonly signIns: SignIns,
    private readonly secrets: KnownSecrets,
  ) {}

  /** Whether it may be looked up who sends this: a token that is known here always, another within the bound of its address. */
  admits(authorization: string | undefined, address: string, nowMs = performance.now()): boolean {
    return this.secrets.actorOf(bearerIn(authorization)) !== null || this.strangers.admits(networkOf(address), nowMs);
  }

  /** See `Caller.onEnd`. */
  onEnd(signIn: SignIn, ended: () => void): () => void {
    return this.signIns.onEnd(signIn, ended);
  }

  /** null: nobody whose service token is known. Throws `AccessUnavailable` when it cannot be told. */
  async of(authorization: string | string[] | undefined): Promise<SignIn | null> {
    const token = bearerIn(authorization);
    return kindOf(token) === 'token' ? this.signIns.of(token) : null;
  }
}
