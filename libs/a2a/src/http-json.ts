import { type MethodClass, methodClassOf, namesPush } from './method.js';
import type { Ambiguous } from './request.js';

/** What a request of the HTTP+JSON binding asks for, read from its verb and path. */
export interface HttpJsonRequest {
  /** By its name in A2A 1.0; null: none that is known here. */
  readonly method: string | null;
  readonly methodClass: MethodClass;
  readonly taskId: string | null;
}

const TASK = String.raw`/tasks/(?<task>[^/]+)`;
/** A task's id may hold a colon; before one of these it has ended. */
const PLAIN_TASK = String.raw`/tasks/(?<task>(?![^/]*:(?:cancel|subscribe)$)[^/]+)`;
/** A tenant (1.0) or `/v1` (0.3) may stand before each. Capitals make no difference: to many servers they do not. */
const ROUTES: readonly (readonly [verbs: string, path: RegExp, method: string])[] = [
  ['POST', /\/message:send$/i, 'SendMessage'],
  ['POST', /\/message:stream$/i, 'SendStreamingMessage'],
  ['GET', new RegExp(`${PLAIN_TASK}$`, 'i'), 'GetTask'],
  ['GET', /\/tasks$/i, 'ListTasks'],
  ['POST', new RegExp(`${TASK}:cancel$`, 'i'), 'CancelTask'],
  ['GET POST', new RegExp(`${TASK}:subscribe$`, 'i'), 'SubscribeToTask'],
  ['GET', new RegExp(`${TASK}/pushNotificationConfigs$`, 'i'), 'ListTaskPushNotificationConfigs'],
  ['POST', new RegExp(`${TASK}/pushNotificationConfigs$`, 'i'), 'CreateTaskPushNotificationConfig'],
  ['GET', new RegExp(`${TASK}/pushNotificationConfigs/[^/]+$`, 'i'), 'GetTaskPushNotificationConfig'],
  ['DELETE', new RegExp(`${TASK}/pushNotificationConfigs/[^/]+$`, 'i'), 'DeleteTaskPushNotificationConfig'],
  ['GET', /\/extendedAgentCard$/i, 'GetExtendedAgentCard'],
  ['GET', /\/v1\/card$/i, 'GetExtendedAgentCard'],
];

const PARSING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** `path` is what follows the interface's URL, still encoded, with its query or without. */
export function readHttpJson(verb: string, path: string): HttpJsonRequest | Ambiguous {
  const plain = plainOf(path.split('?', 1)[0] ?? '');
  if (typeof plain !== 'string') return plain;
  const found = ROUTES.map(([verbs, route, method]) => ({ method, match: verbs.split(' ').includes(verb) ? route.exec(plain) : null }));
  const { method = null, match } = found.find((each) => each.match !== null) ?? {};
  // Servers differ in which paths they take for one another. Whatever else a path says, nobody writes there who may not.
  const methodClass = !PARSING.has(verb) && namesPush(plain) ? 'admin' : methodClassOf(method);
  return { method, methodClass, taskId: match?.groups?.['task'] ?? null };
}

/** Decoded, and without the slashes that many servers pass over. What follows a `;` is a part of the path to some, and nothing to others. */
function plainOf(path: string): string | Ambiguous {
  if (path.includes(';')) return { ambiguous: 'its path has parameters' };
  try {
    return decodeURIComponent(path).replaceAll(/\/+/g, '/').replace(/\/$/, '');
  } catch {
    return { ambiguous: 'its path cannot be decoded' };
  }
}
