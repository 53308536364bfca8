import { Injectable } from '@nestjs/common';
import type { SignIn } from './credentials.adapter.js';
import { kindOf } from './secret.adapter.js';
import { SignIns } from './sign-ins.adapter.js';

const BEARER = /^bearer +(\S+)$/i;

/** '' where there is none. */
export const bearerIn = (authorization: string | string[] | undefined): string =>
  (typeof authorization === 'string' && BEARER.exec(authorization)?.[1]) || '';

/** Who sends an Authorization header. */
@Injectable()
export class Bearers {
  constructor(private readonly signIns: SignIns) {}

  /** null: nobody whose service token is known. Throws `AccessUnavailable` when it cannot be told. */
  async of(authorization: string | string[] | undefined): Promise<SignIn | null> {
    const token = bearerIn(authorization);
    return kindOf(token) === 'token' ? this.signIns.of(token) : null;
  }
}
