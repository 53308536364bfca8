import fc from 'fast-check';
import { type ParsedAnswer, LOOKED_AT_BYTES, answerReaderOf } from './answer.js';

const NOTHING: ParsedAnswer = { isError: false, rpcErrorCode: null, taskId: null, contextId: null, sseEvents: null };
const JSON_TYPE = 'application/json; charset=utf-8';
const SSE_TYPE = 'text/event-stream';

/** What is read of a body that comes in these pieces. */
function readAll(type: string | undefined, ...chunks: (string | Buffer)[]): ParsedAnswer {
  const reader = answerReaderOf({ 'content-type': type });
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return reader.read();
}
const rpc = (said: object): string => JSON.stringify({ jsonrpc: '2.0', id: 1, ...said });
const event = (said: object): string => `data: ${rpc(said)}\n\n`;
const task = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } };

describe('a JSON answer', () => {
  it.each([
    ['a task of 1.0', { result: { task } }],
    ['a task alone', { result: task }],
    ['a task of 0.3', { result: { kind: 'task', ...task } }],
    ['a message of 1.0', { result: { message: { messageId: 'm', taskId: 't-1', contextId: 'c-1' } } }],
    ['a message of 0.3', { result: { kind: 'message', messageId: 'm', taskId: 't-1', contextId: 'c-1' } }],
    ['an update of 0.3', { result: { kind: 'status-update', taskId: 't-1', contextId: 'c-1', status: { message: {} } } }],
  ])('names its task: %s', (_what, said) => expect(readAll(JSON_TYPE, rpc(said))).toEqual({ ...NOTHING, taskId: 't-1', contextId: 'c-1' }));

  it('names it without an envelope too', () =>
    expect(readAll('application/a2a+json', JSON.stringify({ task }))).toEqual({ ...NOTHING, taskId: 't-1', contextId: 'c-1' }));

  it.each([
    [{ error: { code: -32001, message: 'no such task' } }, -32001],
    [{ result: null, error: { code: -32001 } }, -32001],
    [{ error: { code: 1.5 } }, null],
    [{ error: { code: 'x' } }, null],
  ])('is an error: %j', (said, rpcErrorCode) => expect(readAll(JSON_TYPE, rpc(said))).toEqual({ ...NOTHING, isError: true, rpcErrorCode }));

  it.each([{ result: null, error: null }, { error: null, result: {} }, { result: { error: { code: 1 } } }])('is none: %j', (said) =>
    expect(readAll(JSON_TYPE, rpc(said)).isError).toBe(false),
  );

  it('of a batch fails where one of it does', () => {
    const batch = (...said: object[]): string => `[${said.map(rpc).join(',')}]`;
    expect(readAll(JSON_TYPE, batch({ result: {} }, { error: { code: -7 } }, { error: { code: -8 } }))).toMatchObject({ rpcErrorCode: -7 });
    expect(readAll(JSON_TYPE, batch({ result: {} }, { result: {} })).isError).toBe(false);
  });

  it('is read from its beginning when it is long', () => {
    const long = { task: { ...task, history: ['x'.repeat(1024 * 1024)] } };
    expect(readAll(JSON_TYPE, rpc({ result: long }))).toEqual({ ...NOTHING, taskId: 't-1', contextId: 'c-1' });
    expect(readAll(JSON_TYPE, rpc({ error: { code: -5, message: 'x'.repeat(1024 * 1024) } }))).toMatchObject({ rpcErrorCode: -5 });
  });

  it('is not looked into when it is no JSON', () => expect(readAll('text/html', rpc({ error: { code: 1 } }))).toEqual(NOTHING));
  it('may be empty', () => expect(readAll(undefined)).toEqual(NOTHING));
});

describe('a stream', () => {
  const STREAM = [event({ result: { task } }), ': ping\n\n', event({ result: { statusUpdate: { taskId: 't-1' } } })].join('');

  it('has as many events as it has data', () =>
    expect(readAll(SSE_TYPE, STREAM)).toEqual({ ...NOTHING, taskId: 't-1', contextId: 'c-1', sseEvents: 2 }));

  it.each([
    ['JSON-RPC', event({ error: { code: -32603 } }), -32603],
    ['JSON-RPC by name', `event: error\n${event({ error: { code: -32603 } })}`, -32603],
    ['HTTP+JSON', 'event: error\r\ndata: {"error":{"code":500}}\r\n\r\n', 500],
    ['neither', 'event: error\ndata: broken\n\n', null],
  ])('fails when its last event is an error: %s', (_of, last, rpcErrorCode) => {
    expect(readAll(SSE_TYPE, STREAM, last)).toMatchObject({ isError: true, rpcErrorCode, sseEvents: 3, taskId: 't-1' });
    expect(readAll(SSE_TYPE, last, STREAM)).toMatchObject({ isError: false, rpcErrorCode: null, sseEvents: 3 });
  });

  it('is the same however its bytes come', () => {
    const text = Buffer.from(
      `${STREAM}id: 7\r\ndata: {"result":\r\ndata: {"é":"€"}}\r\n\r\n${event({ error: { code: -9, message: 'ü' } })}`,
    );
    const whole = readAll(SSE_TYPE, text);
    expect(whole).toMatchObject({ sseEvents: 4, isError: true, rpcErrorCode: -9 });
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(readAll(SSE_TYPE, ...at.slice(1).map((to, i) => text.subarray(at[i], to)))).toEqual(whole);
      }),
    );
  });

  it('has room for a comment before, between and after events, and nowhere within', () => {
    const reader = answerReaderOf({ 'content-type': SSE_TYPE });
    const capacity: boolean[] = [reader.isBetweenEvents];
    for (const piece of ['da', 'ta: 1', '\n', '\r\n', 'event: x\n', 'data: 2\n', '\n', ': ping', '\n', '\n']) {
      reader.push(Buffer.from(piece));
      capacity.push(reader.isBetweenEvents);
    }
    expect(capacity).toEqual([true, false, false, false, true, false, false, true, false, false, true]);
  });

  it('keeps no more of an event than it looks at', () => {
    const reader = answerReaderOf({ 'content-type': SSE_TYPE });
    reader.push(Buffer.from('data: {"error":{"code":-3},"x":"'));
    for (let i = 0; i < 64; i++) reader.push(Buffer.alloc(256 * 1024, 'x'));
    expect(JSON.stringify(reader).length).toBeLessThan(2 * LOOKED_AT_BYTES);
    reader.push(Buffer.from('"}\n\n'));
    expect(reader.read()).toMatchObject({ isError: true, rpcErrorCode: -3, sseEvents: 1 });
  });

  it('has no room for a comment when it is no stream', () =>
    expect(answerReaderOf({ 'content-type': JSON_TYPE }).isBetweenEvents).toBe(false));

  it.each(['gzip', 'identity, br'])('is none to us when it is encoded by %s', (encoding) => {
    const reader = answerReaderOf({ 'content-type': SSE_TYPE, 'content-encoding': encoding });
    reader.push(Buffer.from(STREAM));
    expect([reader.isStream, reader.isBetweenEvents, reader.read()]).toEqual([false, false, NOTHING]);
  });
  it('is one when it says that it is not encoded', () =>
    expect(answerReaderOf({ 'content-type': SSE_TYPE, 'content-encoding': 'Identity' }).isStream).toBe(true));
});
