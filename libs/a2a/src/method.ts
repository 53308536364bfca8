/** What a rule can tell apart: looking at tasks, taking part in them, and deciding where an agent reports to on its own. */
export type MethodClass = 'read' | 'send' | 'admin';

/** Every method of A2A 1.0, and below it those of 0.3. */
const CLASSES: ReadonlyMap<string, MethodClass> = new Map([
  ['SendMessage', 'send'],
  ['SendStreamingMessage', 'send'],
  ['CancelTask', 'send'],
  ['GetTask', 'read'],
  ['ListTasks', 'read'],
  ['SubscribeToTask', 'read'],
  ['GetExtendedAgentCard', 'read'],
  ['GetTaskPushNotificationConfig', 'read'],
  ['ListTaskPushNotificationConfigs', 'read'],
  ['CreateTaskPushNotificationConfig', 'admin'],
  ['DeleteTaskPushNotificationConfig', 'admin'],
  ['message/send', 'send'],
  ['message/stream', 'send'],
  ['tasks/cancel', 'send'],
  ['tasks/get', 'read'],
  ['tasks/list', 'read'],
  ['tasks/resubscribe', 'read'],
  ['agent/getAuthenticatedExtendedCard', 'read'],
  ['tasks/pushNotificationConfig/get', 'read'],
  ['tasks/pushNotificationConfig/list', 'read'],
  ['tasks/pushNotificationConfig/set', 'admin'],
  ['tasks/pushNotificationConfig/delete', 'admin'],
]);

/**
 * Which class a method is of, by its name in A2A 1.0 or 0.3; of HTTP+JSON by the name `readHttpJson` gives it.
 *
 * Push configurations are `admin`: they make an agent send what it knows to a URL, long after the call. A method nobody here knows,
 * or none, is `send`: who may only read must not reach something with effects under a new name, and who may send expects what a
 * newer version of A2A adds to work. What speaks of push notifications is `admin` under every name but those above that only read.
 */
export const methodClassOf = (method: string | null): MethodClass =>
  CLASSES.get(method ?? '') ?? (namesPush(method ?? '') ? 'admin' : 'send');

/** Whether a name or a path speaks of push notifications, in whatever letters; `u`: to some also `ſ` is an s. */
export const namesPush = (text: string): boolean => /push_?notification/iu.test(text);
