import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import { type Role, may } from './caller.js';
import { ProblemException } from './problem.filter.js';

/** The least role that reads the events of a context, where `viewer` does not: the role that its lists ask for. */
const LEAST_ROLES = new Map<string, Role>([['access', 'admin']]);

/** The context of a subject, `<stream>.<room>.<kind>.<id>`. */
const contextOf = (subject: string): string => subject.split('.', 2)[1] ?? '';

/** Whether this role reads the events on a subject. All ways to read events ask here. */
export const mayReadSubject = (role: Role, subject: string): boolean => may(role, LEAST_ROLES.get(contextOf(subject)) ?? 'viewer');

/** 403 `access.denied`, as for a list of the same things. */
export const subjectDenied = (role: Role, subject: string): ProblemException =>
  new ProblemException({
    title: 'Not allowed',
    status: 403,
    code: 'access.denied',
    detail: `Events of the room ${contextOf(subject)} need the role ${LEAST_ROLES.get(contextOf(subject)) ?? 'viewer'}; this caller has the role ${role}.`,
    next: 'Ask an admin for a token of that role.',
  });

/** The role of the caller; without a guard the least. */
export const CallerRole = createParamDecorator(
  (_: unknown, context: ExecutionContext): Role =>
    context.switchToHttp().getRequest<{ caller?: { readonly role: Role } }>().caller?.role ?? 'viewer',
);
