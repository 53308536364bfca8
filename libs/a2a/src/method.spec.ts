import {
  LEGACY_METHOD_GET_AUTHENTICATED_EXTENDED_CARD,
  LEGACY_METHOD_MESSAGE_SEND,
  LEGACY_METHOD_MESSAGE_STREAM,
  LEGACY_METHOD_PUSH_NOTIFICATION_CONFIG_DELETE,
  LEGACY_METHOD_PUSH_NOTIFICATION_CONFIG_GET,
  LEGACY_METHOD_PUSH_NOTIFICATION_CONFIG_LIST,
  LEGACY_METHOD_PUSH_NOTIFICATION_CONFIG_SET,
  LEGACY_METHOD_TASKS_CANCEL,
  LEGACY_METHOD_TASKS_GET,
  LEGACY_METHOD_TASKS_RESUBSCRIBE,
  legacyJsonRpcToV1Method,
} from '@a2a-js/sdk/compat/v0_3';
import { readHttpJson } from './http-json.js';
import { methodClassOf } from './method.js';
import { versionOf, versionToAdd } from './version.js';

/** The names as the official SDK has them. */
const LEGACY = [
  LEGACY_METHOD_GET_AUTHENTICATED_EXTENDED_CARD,
  LEGACY_METHOD_MESSAGE_SEND,
  LEGACY_METHOD_MESSAGE_STREAM,
  LEGACY_METHOD_PUSH_NOTIFICATION_CONFIG_DELETE,
  LEGACY_METHOD_PUSH_NOTIFICATION_CONFIG_GET,
  LEGACY_METHOD_PUSH_NOTIFICATION_CONFIG_LIST,
  LEGACY_METHOD_PUSH_NOTIFICATION_CONFIG_SET,
  LEGACY_METHOD_TASKS_CANCEL,
  LEGACY_METHOD_TASKS_GET,
  LEGACY_METHOD_TASKS_RESUBSCRIBE,
];

describe('methods', () => {
  it.each(LEGACY)('%s is of the class that it is of in 1.0', (legacy) => {
    const method = legacyJsonRpcToV1Method(legacy);
    expect(method).toMatch(/^[A-Z]/);
    expect(methodClassOf(legacy)).toBe(methodClassOf(method ?? null));
  });

  it.each([
    ['GetTask', 'read'],
    ['SubscribeToTask', 'read'],
    ['SendMessage', 'send'],
    ['CancelTask', 'send'],
    ['CreateTaskPushNotificationConfig', 'admin'],
    ['DeleteTaskPushNotificationConfig', 'admin'],
    ['ListTaskPushNotificationConfigs', 'read'],
    ['tasks/pushNotificationConfig/set', 'admin'],
    ['ForkTask', 'send'],
    ['gettask', 'send'],
    ['createtaskpushnotificationconfig', 'admin'],
    ['tasks/pushNotification/set', 'admin'],
    ['constructor', 'send'],
    [null, 'send'],
  ] as const)('%s is of class %s', (method, of) => expect(methodClassOf(method)).toBe(of));
});

describe('HTTP+JSON', () => {
  it.each([
    ['POST', '/message:send', 'SendMessage', null],
    ['POST', '/v1/message:send', 'SendMessage', null],
    ['POST', '/acme/message:stream', 'SendStreamingMessage', null],
    ['GET', '/tasks/t-1?historyLength=2', 'GetTask', 't-1'],
    ['GET', '/tasks', 'ListTasks', null],
    ['GET', '/tasks/?contextId=c', 'ListTasks', null],
    ['POST', '/tasks/t-1:cancel', 'CancelTask', 't-1'],
    ['POST', '/tasks/t-1%3Acancel', 'CancelTask', 't-1'],
    ['GET', '/tasks/t-1:subscribe', 'SubscribeToTask', 't-1'],
    ['POST', '/tasks/t-1:subscribe', 'SubscribeToTask', 't-1'],
    ['GET', '/tasks/t-1/pushNotificationConfigs', 'ListTaskPushNotificationConfigs', 't-1'],
    ['POST', '/tasks/t-1/pushNotificationConfigs', 'CreateTaskPushNotificationConfig', 't-1'],
    ['GET', '/tasks/t-1/pushNotificationConfigs/p', 'GetTaskPushNotificationConfig', 't-1'],
    ['DELETE', '/tasks/t-1/pushNotificationConfigs/p', 'DeleteTaskPushNotificationConfig', 't-1'],
    ['POST', '/Tasks/T-1/PushNotificationConfigs', 'CreateTaskPushNotificationConfig', 'T-1'],
    ['DELETE', '/tasks/t-1/PUSHNOTIFICATIONCONFIGS/p', 'DeleteTaskPushNotificationConfig', 't-1'],
    ['GET', '/extendedAgentCard', 'GetExtendedAgentCard', null],
    ['GET', '/v1/card', 'GetExtendedAgentCard', null],
    ['GET', '/message:send', null, null],
    ['DELETE', '/tasks/t-1', null, null],
    ['GET', '/tasks/a:b', 'GetTask', 'a:b'],
    ['POST', '/tasks/a:b:cancel', 'CancelTask', 'a:b'],
    ['GET', '/tasks/a:cancel', null, null],
    ['GET', '/tasks/a:b/pushNotificationConfigs', 'ListTaskPushNotificationConfigs', 'a:b'],
    ['POST', '/tasks/a:b/pushNotificationConfigs', 'CreateTaskPushNotificationConfig', 'a:b'],
    ['POST', '//tasks//t1/pushNotificationConfigs//', 'CreateTaskPushNotificationConfig', 't1'],
    ['GET', '//tasks//t1/', 'GetTask', 't1'],
    ['POST', '/tasks/t%20%C3%A9/%70ushNotificationConfigs', 'CreateTaskPushNotificationConfig', 't é'],
  ])('%s %s is %s', (verb, path, method, taskId) =>
    expect(readHttpJson(verb, path)).toEqual({ method, taskId, methodClass: methodClassOf(method) }),
  );

  it.each([
    ['PUT', '/tasks/t-1/pushNotificationConfigs/p'],
    ['PATCH', '/v2/Push_Notification_Config'],
    ['POST', '/tasks/t-1/puſhNotificationConfigs'],
    ['POST', '/tasks/t-1/pushNotificationConfigs%3Bx'],
    ['POST', '/tasks/t-1/pushNotificationConfigs%20'],
    ['POST', '/tasks/t-1/2/pushNotificationConfigs/new'],
    ['POST', '/tasks/pushNotificationConfigs:subscribe'],
  ])('%s %s is of class admin, whatever a server makes of it', (verb, path) =>
    expect(readHttpJson(verb, path)).toMatchObject({ methodClass: 'admin' }),
  );

  it.each(['/tasks/%ff', '/tasks/t%FF/%70ushNotificationConfigs', '/tasks/t-1/pushNotificationConfigs;x', '/tasks/%'])(
    'nobody can say what %s is',
    (path) => expect(readHttpJson('POST', path)).toEqual({ ambiguous: expect.stringContaining('its path') }),
  );
});

describe('versions', () => {
  it.each([
    [undefined, 'SendMessage', '1.0'],
    ['', 'GetTask', '1.0'],
    [undefined, 'ForkTask', '1.0'],
    [undefined, 'message/send', null],
    [undefined, 'ping', null],
    [undefined, null, null],
    ['1.0', 'SendMessage', null],
    ['0.3', 'SendMessage', null],
  ])('with A2A-Version %s, %s needs %s', (header, method, added) => expect(versionToAdd(header, method)).toBe(added));

  it.each([
    [undefined, '0.3'],
    ['', '0.3'],
    ['0.3', '0.3'],
    ['0.3.1', '0.3'],
    ['1', '1.0'],
    ['1.0', '1.0'],
    [' 1.0.1 ', '1.0'],
    ['2.0', null],
    ['latest', null],
  ])('%s means %s', (header, version) => expect(versionOf(header)).toBe(version));
});
