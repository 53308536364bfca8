import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type ExecutionContext, SetMetadata, applyDecorators, createParamDecorator } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { v5 } from 'uuid';
import type { CommandKey } from '@app/kernel';
import { canonicalJson } from './canonical-json.js';
import { addressOf } from './client-address.js';
import { ProblemException } from './problem.filter.js';

/** Each may all that those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];
/**
 * The role of service tokens that make A2A calls and do nothing else. It is not in the order of the others: it has none of their rights, and
 * they do not include it.
 */
export const CALLER_ROLE = 'caller';
export type TokenRole = Role | typeof CALLER_ROLE;
export const may = (role: TokenRole, least: Role): boolean => role !== CALLER_ROLE && ROLES.indexOf(role) >= ROLES.indexOf(least);

/** Who asks; the guard puts it on the request. */
export interface Caller {
  /** As events name it: `token:<token_id>` or `session:<session_id>`. */
  readonly actor: string;
  readonly role: TokenRole;
  /** Whether this caller would be let in again now: for answers that go on for long. */
  readonly isStillIn: () => Promise<boolean>;
  /**
   * Calls `ended` once, as soon as this caller's right is taken or runs out; at once, where it has. Answers how to stop listening. A right
   * that ends without a fact is seen by `isStillIn` only.
   */
  readonly onEnd: (ended: () => void) => () => void;
}

export const ROLE = 'http.role';
/** The least role a route asks for. A route that says nothing asks for `viewer`. */
export const Roles = (least: Role): MethodDecorator & ClassDecorator => SetMetadata(ROLE, least);
/** A route for everybody who is signed in, tokens of the role `caller` included. */
export const AnyRole = (): MethodDecorator & ClassDecorator => SetMetadata(ROLE, 'any');
/** A route that answers anybody. Health and login only. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(ROLE, 'public');

interface Request {
  method: string;
  url: string;
  caller?: Caller;
  headers: Record<string, string | string[] | undefined>;
  /** As it was parsed; absent: there is none. */
  body?: unknown;
  raw: IncomingMessage;
}
const requestOf = (context: ExecutionContext): Request => context.switchToHttp().getRequest<Request>();

export const Actor = createParamDecorator(
  (_: unknown, context: ExecutionContext): string => requestOf(context).caller?.actor ?? 'anonymous',
);

/** The address that limits go by. */
export const ClientAddress = createParamDecorator((_: unknown, context: ExecutionContext): string => addressOf(requestOf(context).raw));

/** Whether the caller has at least this role: for the part of an answer that not everybody gets. */
export const MayAs = createParamDecorator((least: Role, context: ExecutionContext): boolean => {
  const { caller } = requestOf(context);
  return caller !== undefined && may(caller.role, least);
});

/** Namespace of command ids; any fixed UUID would do. */
const COMMANDS = '5e2c1a52-6d0e-5b0e-9a3c-0c1a7b1f9d11';
const KEY = /^[\x21-\x7e]{1,128}$/;

const CommandIdOf = createParamDecorator((_: unknown, context: ExecutionContext): CommandKey => {
  const { caller, headers, method, url, body } = requestOf(context);
  const key = headers['idempotency-key'];
  if (key === undefined) return { commandId: randomUUID() };
  if (typeof key !== 'string' || !KEY.test(key))
    throw new ProblemException({
      title: 'Not understood',
      status: 400,
      code: 'http.invalid',
      detail: 'The Idempotency-Key is not 1 to 128 visible ASCII characters.',
      next: 'Send a UUID, or leave the header out.',
      errors: [{ field: 'idempotency-key', message: 'idempotency-key must be 1 to 128 visible ASCII characters' }],
    });
  const commandId = v5([caller?.actor ?? 'anonymous', method, url.split('?', 1)[0], key].join('\n'), COMMANDS);
  return { commandId, request: canonicalJson([method, url, body ?? {}]) };
});

/**
 * The id of a command, as a `CommandKey`: of the caller, the path and its `Idempotency-Key`, so that the same request sent twice is one
 * command, and a key that is used again elsewhere is another. With it the request itself: sent with another body or query, the key is
 * refused. Without a key a new id.
 */
export const CommandId = (): ParameterDecorator => CommandIdOf();

/** Describes the header on a route that takes `@CommandId()`. */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Sent twice with the same key, a command is carried out once; sent with another body, it is 422 `http.key-reused`.',
    }),
  );
