import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, request as httpRequest } from 'node:http';
import { memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { type TestProxy, TOKEN, openProxy } from '../../../testing/proxy-instance.js';
import { RawAgent } from '../../../testing/raw-agent.js';
import { PATIENCE_MS, PING_MS } from './forward.adapter.js';

let proxy: TestProxy;
let agent: RawAgent;
/** Its interfaces, as this instance hands them out. */
let [rpcUrl, restUrl] = ['', ''];

beforeEach(async () => {
  agent = await RawAgent.open();
  proxy = await openProxy(agent.url);
  const answer = await fetch(`${proxy.forwarded()}.well-known/agent-card.json`, {
    headers: { authorization: TOKEN, 'a2a-version': '1.0' },
  });
  const card = (await answer.json()) as { supportedInterfaces: { url: string }[] };
  [rpcUrl = '', restUrl = ''] = card.supportedInterfaces.map(({ url }) => url);
});
afterEach(async () => {
  await Promise.all([proxy.close(), agent.close()]);
});

const SEND = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'SendMessage', params: { message: { messageId: 'm' } } });
const GET = JSON.stringify({ jsonrpc: '2.0', id: 8, method: 'GetTask', params: { id: 't-1' } });
const HEADERS = { authorization: TOKEN, 'content-type': 'application/json', 'a2a-version': '1.0' };

/** Posts through both instances, and answers as soon as an answer begins. */
async function post(
  body: string,
  { url = rpcUrl, method = 'POST', headers = HEADERS as Record<string, string> } = {},
): Promise<IncomingMessage> {
  const request = httpRequest(url, { method, headers });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return answer;
}
const textOf = async (answer: IncomingMessage): Promise<string> => Buffer.concat(await answer.toArray()).toString();
async function nextOf(answer: IncomingMessage): Promise<string> {
  const [chunk] = (await once(answer, 'data')) as [Buffer];
  return chunk.toString();
}

/** Answers with a stream, and hands it to the test. */
function streaming(): Promise<ServerResponse> {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  agent.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    resolve(response);
  };
  return promise;
}
const EVENT = 'data: {"jsonrpc":"2.0","id":7,"result":{"task":{"id":"t-1","contextId":"c-1"}}}\n\n';

describe('an answer', () => {
  it('passes with its status, the headers it may have, and all its bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 256));
    agent.answer = (_request, response) =>
      response
        .writeHead(418, {
          'content-type': 'application/octet-stream',
          'retry-after': '7',
          'set-cookie': 'a=b',
          'x-cb-fault': 'forged',
          server: 'x',
        })
        .end(bytes);
    const answer = await post(SEND);
    expect(Buffer.concat(await answer.toArray()).equals(bytes)).toBe(true);
    expect(answer.statusCode).toBe(418);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/octet-stream', 'retry-after': '7' });
    for (const name of ['set-cookie', 'x-cb-fault', 'server']) expect(answer.headers).not.toHaveProperty(name);
    expect(await proxy.there.calls.said('failed')).toMatchObject({ reason: 'http_error', http_status: 418, response_bytes: 300_000 });
    expect(await proxy.here.calls.said('failed')).toMatchObject({ reason: 'http_error', http_status: 418, response_bytes: 300_000 });
  });

  it('of HTTP+JSON comes from below the interface, with the query', async () => {
    agent.answer = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/a2a+json' }).end('{"id":"t 1","status":{}}');
    expect(await textOf(await post('', { url: `${restUrl}/tasks/t%201?historyLength=2&a=%2F`, method: 'GET' }))).toBe(
      '{"id":"t 1","status":{}}',
    );
    await textOf(await post(SEND, { url: `${restUrl}/message:send` }));
    expect(agent.observed.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /rest/tasks/t%201?historyLength=2&a=%2F',
      'POST /rest/message:send',
    ]);
    expect(await proxy.there.calls.said('accepted')).toMatchObject({
      method: 'GetTask',
      task_id: 't 1',
      binding: 'HTTP+JSON',
      method_class: 'read',
    });
    expect(await proxy.there.calls.said('accepted', 1)).toMatchObject({
      method: 'SendMessage',
      binding: 'HTTP+JSON',
      method_class: 'send',
    });
  });

  it.each(['GET', 'DELETE', 'OPTIONS'])('is one, also where a %s has a body that looks like another request', async (method) => {
    const hidden = 'POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
    const headers = { ...HEADERS, 'content-length': String(hidden.length) };
    for (let i = 0; i < 2; i++) await textOf(await post(hidden, { url: `${restUrl}/tasks/t-1`, method, headers }));
    expect(agent.observed.map(({ method: by, url, body }) => [by, url, body])).toEqual(Array(2).fill([method, '/rest/tasks/t-1', hidden]));
  });

  it('of JSON-RPC comes from the URL of the interface, with its own query', async () => {
    await textOf(await post(SEND));
    await textOf(await post(`[${SEND},${GET}]`, { url: `${rpcUrl}?x=1` }));
    expect(agent.observed.map(({ url, body }) => [url, body])).toEqual([
      ['/rpc?tenant=7', SEND],
      ['/rpc?tenant=7&x=1', `[${SEND},${GET}]`],
    ]);
  });

  it('may be empty', async () => {
    agent.answer = (_request, response) => response.writeHead(204).end();
    const answer = await post(SEND);
    expect([answer.statusCode, await textOf(answer)]).toEqual([204, '']);
    expect(await proxy.here.calls.said('completed')).toMatchObject({ http_status: 204, response_bytes: 0 });
  });

  it('comes over connections that are kept', async () => {
    for (let i = 0; i < 5; i++) await textOf(await post(SEND));
    expect(agent.connections).toBe(1);
  });
});

describe('a stream', () => {
  it('passes each piece when it is said, and its headers before anything is', async () => {
    const said = streaming();
    const answer = await post(SEND); // Headers alone.
    expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' });
    const response = await said;
    for (const piece of [EVENT, 'data: 1', '2\n', '\n: comment\n\n']) {
      response.write(piece);
      expect(await nextOf(answer)).toBe(piece);
    }
    response.end();
    await once(answer, 'end');
    expect(await proxy.here.calls.said('completed')).toMatchObject({ sse_events: 2, task_id: 't-1', context_id: 'c-1' });
  });

  it('is an error to the client when the agent dies, not an end', async () => {
    const said = streaming();
    const answer = await post(SEND);
    (await said).write(EVENT);
    await nextOf(answer);
    agent.die();
    await expect(once(answer, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await proxy.there.calls.said('failed')).toMatchObject({ reason: 'answer_cut', http_status: 200, sse_events: 1 });
    expect(await proxy.here.calls.said('failed')).toMatchObject({ reason: 'answer_cut', http_status: 200, sse_events: 1 });
  });

  it('that a stop of this process cuts is on record as that, and not as one whose caller left', async () => {
    const said = streaming();
    const answer = await post(SEND);
    (await said).write(EVENT);
    await nextOf(answer);
    const cut = once(answer, 'end');
    cut.catch(() => undefined);
    await proxy.here.close();
    await expect(cut).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await proxy.here.calls.said('aborted')).toMatchObject({ reason: 'shutting_down', http_status: 200, sse_events: 1 });
    expect(await proxy.there.calls.said('aborted')).toMatchObject({ reason: 'caller_gone' });
  });

  it('keeps nothing of what was asked, however long it lasts', async () => {
    const long = SEND.slice(0, -1)
      .replace('"m"', '"message-0123456789"')
      .concat(' '.repeat(1000 * 1024), '}'); // On record is its name.
    const before = await heldBytes();
    const answers: IncomingMessage[] = [];
    for (let i = 0; i < 16; i++) {
      const said = streaming();
      answers.push(await post(long));
      await said;
      agent.observed.length = 0;
    }
    expect((await heldBytes()) - before).toBeLessThan(8 * long.length); // Each of two instances would hold 16.
    for (const answer of answers) answer.destroy();
    await proxy.there.calls.said('aborted', answers.length - 1);
  });

  it('ends at the agent when the client gives it up, and nothing cancels the task', async () => {
    const said = streaming();
    const answer = await post(SEND);
    const response = await said;
    response.write(EVENT);
    await nextOf(answer);
    const given = once(response, 'close');
    answer.destroy();
    await given;
    expect(response.writableFinished).toBe(false);
    expect(await proxy.here.calls.said('aborted')).toMatchObject({ reason: 'caller_gone', http_status: 200, sse_events: 1 });
    expect(await proxy.there.calls.said('aborted')).toMatchObject({ reason: 'caller_gone', http_status: 200, sse_events: 1 });
    expect(agent.observed).toHaveLength(1);
  });

  it('comes no faster than the client takes it: what is between them stays small', async () => {
    const [event, total] = [Buffer.from(`data: ${'x'.repeat(65_528)}\n\n`), 96 * 1024 * 1024];
    let [written, read, most] = [0, 0, 0];
    agent.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const pump = (): void => {
        while (written < total) {
          written += event.length;
          if (!response.write(event)) return void response.once('drain', pump);
        }
        response.end();
      };
      pump();
    };
    for await (const chunk of await post(SEND)) {
      read += (chunk as Buffer).length;
      most = Math.max(most, written - read);
      for (let turn = 0; turn < 10; turn++) await immediately(); // Whoever else wants to is faster.
    }
    expect(read).toBe(written);
    expect(most).toBeLessThan(total / 2);
  });

  it('says every 15 s that it is there, but never within an event', async () => {
    const said = streaming();
    const answer = await onAFakeClock(() => post(SEND));
    const response = await said;
    response.write(EVENT);
    expect(await nextOf(answer)).toBe(EVENT);
    for (let i = 0; i < 2; i++) {
      jest.advanceTimersByTime(PING_MS);
      expect(await nextOf(answer)).toMatch(/^(: ping\n\n){1,2}$/); // Of one instance, or of both.
    }
    response.write('data: half');
    let rest = '';
    answer.on('data', (chunk: Buffer) => (rest += chunk.toString()));
    while (!rest.endsWith('data: half')) await once(answer, 'data');
    jest.advanceTimersByTime(3 * PING_MS);
    response.end(' whole\n\n');
    await once(answer, 'end');
    expect(rest.replaceAll(': ping\n\n', '')).toBe('data: half whole\n\n');
    expect(rest).toContain('data: half whole\n\n');
    expect(await proxy.here.calls.said('completed')).toMatchObject({ sse_events: 2 });
  });

  it('that is compressed passes as it is: no ping would be a part of it', async () => {
    const packed = gzipSync(EVENT, { level: 0 });
    const cut = packed.indexOf('\n\n') + 2; // Where an event would end, were these its bytes.
    const said = Promise.withResolvers<ServerResponse>();
    agent.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }).write(packed.subarray(0, cut));
      said.resolve(response);
    };
    const answer = await onAFakeClock(() => post(SEND));
    const response = await said.promise;
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => parts.push(part));
    await once(answer, 'data');
    jest.advanceTimersByTime(3 * PING_MS);
    response.end(packed.subarray(cut));
    await once(answer, 'end');
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(Buffer.concat(parts).equals(packed)).toBe(true);
    expect(await proxy.here.calls.said('completed')).toMatchObject({ sse_events: null, task_id: null });
  });

  it('may be long, but not silent for ever', async () => {
    const said = streaming();
    const answer = await onAFakeClock(() => post(SEND));
    const response = await said;
    const quarter = async (): Promise<void> => {
      jest.advanceTimersByTime(PING_MS);
      await nextOf(answer);
    };
    const quarters = PATIENCE_MS / PING_MS;
    for (let time = 0; time < 3; time++) {
      response.write(EVENT);
      let heard = '';
      while (!heard.endsWith(EVENT)) heard += await nextOf(answer);
      for (let i = 1; i < quarters; i++) await quarter();
    }
    const cut = once(answer, 'end');
    cut.catch(() => undefined);
    jest.advanceTimersByTime(PING_MS);
    await expect(cut).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await proxy.there.calls.said('failed')).toMatchObject({ reason: 'timeout', sse_events: 3 });
  });

  it('ends when nothing more is heard of the other instance', async () => {
    const said = streaming();
    const answer = await onAFakeClock(() => post(SEND));
    (await said).write(EVENT);
    expect(await nextOf(answer)).toBe(EVENT);
    const cut = once(answer, 'end');
    cut.catch(() => undefined);
    jest.advanceTimersByTime(4 * PING_MS); // At once: no ping of it comes between.
    await expect(cut).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await proxy.here.calls.said('failed')).toMatchObject({ reason: 'timeout', sse_events: 1 });
  });
});

describe('a call that does not get through', () => {
  const FAULT = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain: 'clawbutler' };
  const fault = (code: string) => ({ jsonrpc: '2.0', id: 7, error: { code: -32603, data: [{ ...FAULT, metadata: { code } }] } });
  const said = async (answer: IncomingMessage): Promise<unknown> => [answer.statusCode, JSON.parse(await textOf(answer))];

  it('ends with a fault when the agent is not there', async () => {
    agent.die();
    expect(await said(await post(SEND))).toMatchObject([502, fault('federation.unreachable')]);
    expect(await proxy.there.calls.said('failed')).toMatchObject({ reason: 'connect_refused', http_status: null, first_byte_ms: null });
    expect(await proxy.here.calls.said('failed')).toMatchObject({ reason: 'agent_unreachable', http_status: 502, rpc_error_code: -32603 });
  });

  it('ends with a fault when the other instance is not there', async () => {
    await proxy.there.close();
    expect(await said(await post(SEND))).toMatchObject([502, fault('federation.unreachable')]);
    expect(await proxy.here.calls.said('failed')).toMatchObject({ reason: 'connect_refused', http_status: null });
  });

  it('is a problem when it was no JSON-RPC', async () => {
    agent.die();
    const answer = await post('', { url: `${restUrl}/tasks/t-1`, method: 'GET' });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(await said(answer)).toMatchObject([502, { code: 'federation.unreachable', status: 502, next: expect.any(String) }]);
  });

  it('is not sent twice when it may have arrived', async () => {
    agent.answer = (request) => void request.socket.destroy();
    expect(await said(await post(SEND))).toMatchObject([502, fault('federation.answer-cut')]);
    expect(agent.observed).toHaveLength(1);
    expect(await proxy.there.calls.said('failed')).toMatchObject({ reason: 'answer_cut', http_status: null });
  });

  it.each([
    ['is sent again when it only reads and the kept connection was closed', GET, 200, 3],
    ['is not sent again when it does more, even then', SEND, 502, 2],
  ])('%s', async (_what, body, status, times) => {
    await textOf(await post(body));
    agent.answer = (request, response) => {
      agent.answer = (_request, later) => later.end('{}');
      if (request.socket.bytesWritten > 0) request.socket.destroy();
      else response.end('{}');
    };
    const answer = await post(body);
    await textOf(answer);
    expect([answer.statusCode, agent.observed.length]).toEqual([status, times]);
  });

  it('is signed anew when it is sent again: a peer that heard it once takes its nonce no more', async () => {
    const peer = await RawAgent.open();
    try {
      const below = `${peer.url}federation/v1/a2a/travel/i/0123456789ab`;
      const card = JSON.stringify({ supportedInterfaces: [{ url: below, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }] });
      const nonces: unknown[] = [];
      peer.answer = (request, response) => {
        if (request.method === 'GET') return void response.end(card);
        nonces.push(request.headers['x-cb-nonce']);
        return nonces.length === 1 ? void request.socket.destroy() : void response.end('{}');
      };
      const id = proxy.here.befriend({ id: 'inst-raw', url: peer.url.slice(0, -1) }, proxy.secret);
      const base = `${proxy.here.url}/a2a/peers/${id}/agents/travel/`;
      const read = await fetch(`${base}.well-known/agent-card.json`, { headers: HEADERS });
      const [{ url = '' } = {}] = ((await read.json()) as { supportedInterfaces: { url?: string }[] }).supportedInterfaces;
      expect((await post(GET, { url })).statusCode).toBe(200);
      expect([nonces.length, new Set(nonces).size]).toEqual([2, 2]);
    } finally {
      await peer.close();
    }
  });

  it('is not sent again when its answer broke off, even if it only reads', async () => {
    const said = streaming();
    const answer = await post(GET.replace('GetTask', 'SubscribeToTask'));
    const response = await said;
    response.write(EVENT);
    await nextOf(answer);
    const cut = once(answer, 'end');
    response.socket?.destroy();
    await expect(cut).rejects.toMatchObject({ code: 'ECONNRESET' });
    agent.answer = (_request, later) => later.end('{}');
    await textOf(await post(GET)); // By now another request would have been seen.
    expect(agent.observed).toHaveLength(2);
  });

  it('is not sent again when its connection was a new one, and broke', async () => {
    agent.answer = (request) => void request.socket.destroy();
    proxy.there.forgetConnections();
    expect((await post(GET)).statusCode).toBe(502);
    expect(agent.observed).toHaveLength(1);
  });

  it('ends in time when the agent never answers', async () => {
    const asked = Promise.withResolvers<void>();
    agent.answer = () => asked.resolve();
    const answer = onAFakeClock(() => post(SEND));
    await asked.promise;
    jest.advanceTimersByTime(PATIENCE_MS);
    expect((await answer).statusCode).toBe(504);
    expect(await proxy.there.calls.said('failed')).toMatchObject({ reason: 'timeout', http_status: null });
  });

  it('follows no redirect', async () => {
    agent.answer = (_request, response) => response.writeHead(307, { location: 'http://169.254.169.254/' }).end();
    expect(await said(await post(SEND))).toMatchObject([502, fault('federation.answer-invalid')]);
    expect(await proxy.there.calls.said('failed')).toMatchObject({ reason: 'answer_invalid', http_status: 307 });
  });

  it.each(['000', '099', '600', '999', '101'])(
    'ends with a fault when it is answered with the status %s, and this process goes on',
    async (status) => {
      agent.answer = (_request, response) => {
        response.socket?.end(`HTTP/1.1 ${status} Odd\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\nhi`);
      };
      expect(await said(await post(SEND))).toMatchObject([502, fault('federation.answer-invalid')]);
      expect(await proxy.there.calls.said('failed')).toMatchObject({ reason: 'answer_invalid', http_status: null });
    },
  );

  it('has no agent to end at when the client leaves before the answer', async () => {
    const asked = Promise.withResolvers<IncomingMessage>();
    agent.answer = (request) => asked.resolve(request);
    const request = httpRequest(rpcUrl, { method: 'POST', headers: HEADERS }).on('error', () => undefined);
    request.end(SEND);
    const { socket } = await asked.promise;
    const closed = once(socket, 'close');
    request.destroy();
    await closed;
    expect(await proxy.there.calls.said('aborted')).toMatchObject({ reason: 'caller_gone', http_status: null, first_byte_ms: null });
    expect(await proxy.here.calls.said('aborted')).toMatchObject({ reason: 'caller_gone', http_status: null });
  });
});

/** What buffers and texts hold that somebody can still come at. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await immediately(); // What has a finaliser goes after the turn in which it was found.
  }
  const { arrayBuffers, heapUsed } = memoryUsage();
  return arrayBuffers + heapUsed;
}
const immediately = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Only what waits by `setTimeout` waits for the test; sockets do not. */
async function onAFakeClock<T>(begin: () => Promise<T>): Promise<T> {
  jest.useFakeTimers({ doNotFake: CLOCKS });
  return begin();
}
const CLOCKS = [
  ...(['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setInterval'] as const),
  'clearInterval' as const,
];
afterEach(() => void jest.useRealTimers());
