import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { Caller } from '@app/http';
import type { Instant } from '@app/kernel';

/** The caller, as this context knows it: what the guard put on the request. */
export interface SignedIn extends Caller {
  /** null: never. */
  readonly expires_at: Instant | null;
  /** What this session must send as X-CSRF-Token; null: it is no session. */
  readonly csrf_token: string | null;
}

/** Not for public routes: they have no caller. */
export const SignedInAs = createParamDecorator((_: unknown, context: ExecutionContext): SignedIn => {
  const { caller } = context.switchToHttp().getRequest<{ caller?: SignedIn }>();
  if (caller === undefined) throw new Error('a public route asked for its caller');
  return caller;
});
