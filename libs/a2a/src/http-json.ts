/** What a request of the HTTP+JSON binding asks for, read from its verb and path. */
export interface HttpJsonRequest {
  /** By its name in A2A 1.0; null: none that is known here. */
  readonly method: string | null;
  readonly taskId: string | null;
}

const TASK = String.raw`/tasks/(?<task>[^/:]+)`;
/** A tenant (1.0) or `/v1` (0.3) may stand before each. */
const ROUTES: readonly (readonly [verbs: string, path: RegExp, method: string])[] = [
  ['POST', /\/message:send$/, 'SendMessage'],
  ['POST', /\/message:stream$/, 'SendStreamingMessage'],
  ['GET', new RegExp(`${TASK}$`), 'GetTask'],
  ['GET', /\/tasks$/, 'ListTasks'],
  ['POST', new RegExp(`${TASK}:cancel$`), 'CancelTask'],
  ['GET POST', new RegExp(`${TASK}:subscribe$`), 'SubscribeToTask'],
  ['GET', new RegExp(`${TASK}/pushNotificationConfigs$`), 'ListTaskPushNotificationConfigs'],
  ['POST', new RegExp(`${TASK}/pushNotificationConfigs$`), 'CreateTaskPushNotificationConfig'],
  ['GET', new RegExp(`${TASK}/pushNotificationConfigs/[^/]+$`), 'GetTaskPushNotificationConfig'],
  ['DELETE', new RegExp(`${TASK}/pushNotificationConfigs/[^/]+$`), 'DeleteTaskPushNotificationConfig'],
  ['GET', /\/extendedAgentCard$/, 'GetExtendedAgentCard'],
  ['GET', /\/v1\/card$/, 'GetExtendedAgentCard'],
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
