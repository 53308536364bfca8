import pg from 'pg';
import { CannotExecuteNotConnectedError, QueryFailedError, TypeORMError } from 'typeorm';
import { messageOf } from '@app/kernel';

/** PostgreSQL was not there, as opposed to a statement it would not have. */
export class DatabaseUnavailable extends Error {
  readonly code: string = 'read-store.unavailable';
}

/** The disk of PostgreSQL is full. It reads on, and writes again when there is space; nothing of the statement was written. */
export class DatabaseFull extends DatabaseUnavailable {
  override readonly code = 'read-store.disk-full';
}

const DISK_FULL = '53100';
/** A disk counts as full for so long after it last was, ms: projectors try again every 10 s at most. */
const FULL_FOR_MS = 15_000;
let lastFullMs = -Infinity;

/** Whether a statement of this process lately found the disk of PostgreSQL full: nothing that only reads would tell. */
export const wasDatabaseFull = (): boolean => performance.now() - lastFullMs < FULL_FOR_MS;

/** SQLSTATE classes in which the server, not the statement, is the trouble: connection, resources, operator intervention, system. */
const SERVER_TROUBLE = ['08', '53', '57', '58'];
/** Of class 08, and yet of our making: a statement that was given more or fewer values than it has parameters, for one. */
const PROTOCOL_VIOLATION = '08P01';

/**
 * The whole message where the driver lost the server, or did not reach it: these errors of `pg` and `pg-pool` have neither a code nor
 * a class. Every other error without a code is a mistake of ours. `trouble.spec.ts` finds each in the source of the driver.
 */
export const LOST: ReadonlySet<string> = new Set([
  'timeout expired',
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'timeout exceeded when trying to connect',
  'Connection terminated due to connection timeout',
]);
/** What TypeORM says once it was destroyed. */
const DESTROYED = 'Driver not Connected';

/** Whether PostgreSQL did not answer, or would not: as opposed to a mistake in a statement or its values. */
export function isDatabaseTrouble(error: unknown): boolean {
  const said: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (said instanceof pg.DatabaseError) return said.code !== PROTOCOL_VIOLATION && SERVER_TROUBLE.includes(said.code?.slice(0, 2) ?? '');
  if (said instanceof CannotExecuteNotConnectedError) return true;
  if (said instanceof TypeORMError) return said.message === DESTROYED;
  const { syscall, message, errors } = (said ?? {}) as { syscall?: unknown; message?: unknown; errors?: unknown };
  if (Array.isArray(errors)) return errors.some(isDatabaseTrouble); // One error for each address of a host.
  return typeof syscall === 'string' || (typeof message === 'string' && LOST.has(message));
}

const isDiskFull = (error: unknown): boolean =>
  (error instanceof QueryFailedError ? error.driverError : (error as { code?: unknown })).code === DISK_FULL;

/** `error`, `DatabaseFull` for a full disk, or `DatabaseUnavailable` where PostgreSQL is the trouble: for everything that any client of PostgreSQL throws. */
export function databaseErrorOf(error: unknown): unknown {
  if (!isDatabaseTrouble(error)) return error;
  if (isDiskFull(error)) {
    lastFullMs = performance.now();
    return new DatabaseFull(`The disk of PostgreSQL is full: ${(error as Error).message}`, { cause: error });
  }
  return new DatabaseUnavailable(`PostgreSQL does not answer: ${messageOf(error)}`, { cause: error });
}
