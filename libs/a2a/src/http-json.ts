/** What a request of the HTTP+JSON binding asks for, read from its verb and path. */
export interface HttpJsonRequest {
  /** By its name in A2A 1.0; null: none that is known here. */
  readonly method: string | null;
  readonly taskId: string | null;
}

const TASK = String.raw`/tasks/(?<task>[^/:]+)`;
/** A tenant (1.0) or `/v1` (0.3) may stand before each. Capitals make no difference: to many servers they do not. */
const ROUTES: readonly (readonly [verbs: string, path: RegExp, method: string])[] = [
  ['POST', /\/message:send$/i, 'SendMessage'],
  ['POST', /\/message:stream$/i, 'SendStreamingMessage'],
  ['GET', new RegExp(`${TASK}$`, 'i'), 'GetTask'],
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

/** `path` is what follows the interface's URL, still encoded, with its query or without. */
export function readHttpJson(verb: string, path: string): HttpJsonRequest {
  const plain = decoded(path.split('?', 1)[0] ?? '').replace(/\/$/, '');
  for (const [verbs, route, method] of ROUTES) {
    const match = verbs.split(' ').includes(verb) ? route.exec(plain) : null;
    if (match !== null) return { method, taskId: match.groups?.['task'] ?? null };
  }
  return { method: null, taskId: null };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
