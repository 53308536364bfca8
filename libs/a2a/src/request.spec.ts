import fc from 'fast-check';
import { elementsOf, membersOf, stringAt } from './json-span.js';
import { readMessage, readRequest } from './request.js';

const read = (text: string) => readRequest(Buffer.from(text));
const message = { messageId: 'm-1', taskId: 't-1', contextId: 'c-1', role: 'ROLE_USER', parts: [{ text: 'hi } " \\" {' }] };
const one = { classes: ['send'], id: null, method: null, taskId: null, contextId: null, messageId: null };

describe('JSON is read as its parser reads it', () => {
  const textOf = (value: unknown, space: number): string => JSON.stringify(value, null, space);

  it('member by member', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.nat(2), (object, space) => {
        const text = textOf(object, space);
        const members = [...membersOf(text)].map(({ key, from, to, isWhole }) => [key, JSON.parse(text.slice(from, to)), isWhole]);
        expect(members).toEqual(Object.entries(JSON.parse(text) as object).map(([key, value]) => [key, value, true]));
      }),
    );
  });

  it('element by element', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(2), (array, space) => {
        const text = textOf(array, space);
        expect([...elementsOf(text)].map(({ from, to }) => JSON.parse(text.slice(from, to)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('string by string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = JSON.stringify(text);
        expect(stringAt(json, { from: 0, to: json.length })).toBe(JSON.parse(json));
      }),
    );
  });

  it('and what is no JSON is read to an end', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom(...'{}[]",:\\a1 ')).map((all) => all.join('')),
        ),
        (text) => {
          const found = read(text);
          expect('ambiguous' in found || found.classes.length > 0).toBe(true);
          expect([...membersOf(text)].every(({ from, to }) => from <= to && to <= text.length)).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each(['[', '{"a":', '{"a":"\\', '"', '\\'])('in a time that grows with its length, also of %s without end', (unit) => {
    const started = performance.now();
    read(unit.repeat(Math.floor((1024 * 1024) / unit.length)));
    expect(performance.now() - started).toBeLessThan(2_000); // Were it quadratic, minutes.
  });
});

describe('requests', () => {
  it('of 1.0', () =>
    expect(read(JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'SendMessage', params: { message } }))).toEqual({
      ...{ method: 'SendMessage', classes: ['send'], id: '7' },
      ...{ taskId: 't-1', contextId: 'c-1', messageId: 'm-1' },
    }));

  it.each([
    ['GetTask', { id: 't-1' }, 't-1'],
    ['tasks/cancel', { id: 't-1' }, 't-1'],
    ['tasks/pushNotificationConfig/set', { taskId: 't-1', pushNotificationConfig: { id: 'p' } }, 't-1'],
    ['CreateTaskPushNotificationConfig', { taskId: 't-1', id: 'p' }, 't-1'],
    ['SendMessage', { id: 'p' }, null],
    ['GetTask', { id: 7 }, null],
    ['GetTask', { id: '' }, null],
    ['GetTask', ['t-1'], null],
  ])('%s %j is about the task %s', (method, params, taskId) =>
    expect(read(JSON.stringify({ id: null, method, params }))).toMatchObject({ method, taskId, id: 'null' }),
  );

  it.each(['7', '"7"', '1.0', '12345678901234567890', 'null', '""', '"\\u0000"'])('keeps the id %s as it is written', (id) =>
    expect(read(`{"id" : ${id} ,"method":"GetTask"}`)).toMatchObject({ id, method: 'GetTask' }),
  );

  it.each([
    ['a text that is no JSON', 'SendMessage'],
    ['nothing', ''],
    ['an empty batch', '[]'],
    ['a method that is no text', '{"method":{"method":"GetTask"}}'],
    ['a method in what is cut off', '{"params":{"a":"'],
    ['another object', '{"params":{"method":"GetTask"}}'],
  ])('are sends without a method: %s', (_what, text) => expect(read(text)).toEqual(one));

  it.each([
    ['behind a byte order mark', '\ufeff{"method":"CreateTaskPushNotificationConfig"}'],
    ['in capitals', '{"Method":"CreateTaskPushNotificationConfig"}'],
    ['in escapes', '{"\\u006dethod":"Create\\u0054askPushNotificationConfig"}'],
  ])('a method is seen %s', (_where, text) => expect(read(text)).toMatchObject({ classes: ['admin'] }));

  it.each([
    ['twice', '{"method":"GetTask","method":"SendMessage"}'],
    ['in two spellings', '{"method":"GetTask","METHOD":"SendMessage"}'],
    ['in one of a batch', '[{"method":"GetTask"},{"method":"GetTask","\\u006dethod":"SendMessage"}]'],
  ])('nobody can say what a method named %s is', (_how, text) => expect(read(text)).toEqual({ ambiguous: 'it names a method twice' }));

  const push = '{"pushNotificationConfig":{"url":"https://elsewhere.example"}}';
  it.each([
    ['Params in capitals', `{"method":"message/send","Params":{"configuration":${push}}}`],
    ['params with a long s', `{"method":"message/send","param\u017f":{"configuration":${push}}}`],
    ['params twice', `{"method":"message/send","params":{"configuration":${push}},"params":{}}`],
    ['Configuration in capitals', `{"method":"message/send","params":{"Configuration":${push}}}`],
    ['configuration twice', `{"method":"message/send","params":{"configuration":${push},"configuration":{}}}`],
    ['configuration in two spellings', `[{"method":"message/send","params":{"configuration":{},"CONFIGURATION":${push}}}]`],
  ])('nobody can say what %s brings', (_how, text) =>
    expect(read(text)).toEqual({ ambiguous: expect.stringMatching(/^it names its (params|configuration) twice/) }),
  );
  it.each([`{"Configuration":${push}}`, `{"configuration":${push},"configuration":{}}`])('nor what %s in HTTP+JSON', (text) =>
    expect(readMessage(Buffer.from(text))).toEqual({ ambiguous: expect.stringMatching(/^it names its configuration twice/) }),
  );

  it('nobody can say what a text in another encoding is', () => {
    for (const encoding of ['utf16le', 'latin1'] as const)
      expect(readRequest(Buffer.from('{"method":"GetTask","\0":1}', encoding))).toEqual({
        ambiguous: 'it holds a zero byte, as JSON in UTF-8 does not',
      });
  });

  it.each(['pushNotificationConfig', 'taskPushNotificationConfig', 'task_push_notification_config'])(
    'a message that brings a %s with it does what needs the class of that too',
    (name) => {
      const params = { message, configuration: { blocking: true, [name]: { url: 'https://elsewhere.example' } } };
      expect(read(JSON.stringify({ method: 'message/send', params }))).toMatchObject({ classes: ['send', 'admin'] });
      expect(readMessage(Buffer.from(JSON.stringify(params)))).toMatchObject({ classes: ['admin'] });
      const none = { ...params, configuration: { [name]: null } };
      expect(read(JSON.stringify({ method: 'message/send', params: none }))).toMatchObject({ classes: ['send'] });
    },
  );

  it('of a batch are all of their classes', () => {
    const batch = (...methods: string[]) => read(` ${JSON.stringify(methods.map((method, id) => ({ id, method })))}`);
    expect(batch('GetTask', 'SendMessage', 'ListTasks')).toEqual({ ...one, classes: ['read', 'send'] });
    expect(batch('GetTask', 'GetTask')).toEqual({ ...one, method: 'GetTask', classes: ['read'] });
  });

  it('of HTTP+JSON name the same things', () => {
    const refs = { taskId: 't-1', contextId: 'c-1', messageId: 'm-1' };
    expect(readMessage(Buffer.from(JSON.stringify({ message })))).toEqual({ ...refs, classes: [] });
    expect(readMessage(Buffer.alloc(0))).toEqual({ taskId: null, contextId: null, messageId: null, classes: [] });
  });

  it('of HTTP+JSON whose body is JSON-RPC are what that is as well', () => {
    const classesOf = (text: string) => readMessage(Buffer.from(text));
    expect(classesOf('{"method":"SendMessage"}')).toMatchObject({ classes: ['send'] });
    expect(classesOf('[{"method":"GetTask"},{"method":"CreateTaskPushNotificationConfig"}]')).toMatchObject({ classes: ['read', 'admin'] });
    expect(classesOf('{"method":"GetTask","method":"SendMessage"}')).toEqual({ ambiguous: 'it names a method twice' });
  });
});
