import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { IsOptional, IsString } from 'class-validator';
import { BodyBytes, ClientAddress, type OperatorsOptions } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { IsId } from '@app/kernel';
import { MAX_DEPTH, MAX_VALUES } from './bounded-json.js';

/** Objects of classes that were made of what strangers sent. */
let made = 0;
class Said {
  constructor() {
    made++;
  }
  @IsString() word: string;
}
class Asked {
  @IsOptional() @IsString() q?: string;
}
class At {
  @IsId() id: string;
}

@Controller('words')
class Words {
  @Post() @BodyBytes(1_024) login(@Body() said: Said): Said {
    return said;
  }
  @Post('other') other(@Body() said: Said): Said {
    return said;
  }
  @Get() list(@Query() asked: Asked): Asked {
    return asked;
  }
  @Get('from') from(@ClientAddress() address: string): { address: string } {
    return { address };
  }
  @Get(':id') one(@Param() at: At): At {
    return at;
  }
}
@Controller({ path: 'healthz' })
class Health {
  @Get() live(): string {
    return 'live';
  }
}

let endpoint: TestApp | undefined;
beforeEach(() => void (made = 0));
afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});
const open = async (options: Partial<OperatorsOptions> = {}): Promise<TestApp> =>
  (endpoint = await testAppOf([Words, Health], [], false, undefined, { host: '127.0.0.1', ...options }));

const portOf = ({ app }: TestApp): number => (app.getHttpServer().address() as AddressInfo).port;
interface Raw {
  readonly status: number;
  readonly type: string;
  readonly body: { code?: string; next?: string };
}
/** fetch() sets Host by itself, and lets nobody send some of these headers. */
async function raw(at: TestApp, path: string, headers: IncomingHttpHeaders = {}, method = 'GET'): Promise<Raw> {
  const asked = request({ port: portOf(at), host: '127.0.0.1', path, method, headers });
  asked.end();
  const [answer] = await once(asked, 'response');
  const said = await text(answer);
  const type = answer.headers['content-type'] ?? '';
  return { status: answer.statusCode, type, body: said !== '' && type.includes('json') ? JSON.parse(said) : {} };
}
/** What is answered to these bytes until the connection is closed. */
async function bytes(at: TestApp, sent: string): Promise<string> {
  const socket = connect(portOf(at), '127.0.0.1');
  socket.write(sent);
  return text(socket);
}
const WORDS = '/api/v1/infrastructure/words';

describe('a body', () => {
  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'word=x'],
    ['text', 'text/plain', '{"word":"x"}'],
    ['a form with files', 'multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="word"\r\n\r\nx\r\n--x--'],
    ['XML', 'application/xml', '<word/>'],
    ['JSON of another kind', 'application/cloudevents+json', '{"word":"x"}'],
  ])('that is %s is refused with 415 and not read', async (_name, type, body) => {
    const at = await open();
    for (const path of ['words', 'words/other'])
      expect(await at.ask('POST', path, body, { 'content-type': type })).toMatchObject({ status: 415, body: { code: 'http.415' } });
    expect(made).toBe(0);
  });

  it('is bounded by its route: 1 KiB where anybody may send it, 16 KiB elsewhere', async () => {
    const at = await open();
    const of = (length: number): object => ({ word: 'x'.repeat(length - '{"word":""}'.length) });
    const statuses = await Promise.all([
      at.ask('POST', 'words', of(1_024)),
      at.ask('POST', 'words', of(1_025)),
      at.ask('POST', 'words/other', of(16_384)),
      at.ask('POST', 'words/other', of(16_385)),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([201, 413, 201, 413]);
    expect(statuses[1]).toMatchObject({ body: { code: 'http.413', next: expect.any(String) } });
  });

  it('is bounded also when its length is not said before', async () => {
    const at = await open();
    const chunk = `400\r\n${' '.repeat(1_024)}\r\n`;
    const head = `POST ${WORDS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await bytes(at, head + chunk + chunk)).toMatch(/^HTTP\/1.1 413 /);
  });

  const nested = (depth: number): string => `${'{"word":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const wide = (values: number): string => JSON.stringify(Object.fromEntries(Array.from({ length: values }, (_, i) => [`f${i}`, 1])));
  it.each([
    ['is a list', '[{},{},{}]'],
    ['is a number', '7'],
    ['is null', 'null'],
    ['has too many levels', nested(MAX_DEPTH + 1)],
    ['has levels as deep as its bytes allow', '[1,'.repeat(4_000)],
    ['has lists as deep as its bytes allow', `{"word":${'['.repeat(7_000)}${']'.repeat(7_000)}}`],
    ['has too many values', wide(MAX_VALUES + 1)],
    ['has too many values in a list', `{"word":[${'0,'.repeat(MAX_VALUES)}0]}`],
    ['sets the prototype', '{"__proto__":{"word":"x"}}'],
    ['is empty', ''],
  ])('that %s is refused before a class is made of it', async (_name, body) => {
    const at = await open();
    const answer = await at.ask('POST', 'words/other', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'http.400', next: expect.any(String) } });
    expect(made).toBe(0);
  });

  it('within its bounds becomes its class, and at most ten of its faults are told, each in few words', async () => {
    const at = await open();
    const faults = Object.fromEntries(Array.from({ length: MAX_VALUES }, (_, i) => [`${i}${'x'.repeat(60)}`, 1]));
    const answer = await at.ask('POST', 'words/other', faults);
    expect(answer).toMatchObject({ status: 400, body: { code: 'http.invalid' } });
    expect(made).toBeGreaterThan(0);
    expect(answer.body.errors).toHaveLength(10);
    const long = await at.ask('POST', 'words/other', { ['y'.repeat(15_000)]: 1 });
    for (const { text: said } of [answer, long]) expect(said.length).toBeLessThan(6_000);
  });
});

describe('the Host', () => {
  it.each([
    ['127.0.0.1', {}, '127.0.0.1'],
    ['127.0.0.1', {}, 'localhost:4600'],
    ['127.0.0.1', {}, '[::1]:4600'],
    ['127.0.0.1', {}, 'LOCALHOST'],
    ['127.0.0.1', { url: 'https://butler.example' }, 'butler.example'],
    ['127.0.0.1', { url: 'https://butler.example' }, 'Butler.Example:443'],
    ['127.0.0.1', { names: ['ops.lan'] }, 'ops.lan:80'],
    ['butler.lan', {}, 'butler.lan'],
    ['0.0.0.0', {}, '192.0.2.7:4600'],
    ['0.0.0.0', {}, '[2001:db8::7]'],
  ])('listening on %s, with %j, may be %s', async (host, more, name) => {
    const at = await open({ ...more, host });
    expect(await raw(at, WORDS, { host: name })).toMatchObject({ status: 200 });
  });

  it.each([
    ['127.0.0.1', {}, 'rebound.example'],
    ['127.0.0.1', {}, 'localhost.rebound.example'],
    ['127.0.0.1', {}, '192.0.2.7'],
    ['127.0.0.1', {}, 'user@localhost:x'],
    ['127.0.0.1', { url: 'https://butler.example' }, 'butler.example.rebound.example'],
    ['0.0.0.0', {}, 'rebound.example'],
  ])('listening on %s, with %j, is refused when it is %j', async (host, more, name) => {
    const at = await open({ ...more, host });
    const { status, type, body } = await raw(at, WORDS, { host: name });
    expect([status, type, body.code]).toEqual([421, expect.stringMatching(/^application\/problem\+json/), 'http.host-unknown']);
    expect(body.next).toContain('API_HOSTS');
  });

  it('is refused when it is empty', async () => {
    const at = await open();
    expect(await bytes(at, `GET ${WORDS} HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 421 /);
  });

  it('is not looked at by whoever asks how the process is', async () => {
    const at = await open();
    expect(await raw(at, '/healthz', { host: 'api:4600' })).toMatchObject({ status: 200 });
  });

  it('is one: with two, or in the target, the request is refused', async () => {
    const at = await open();
    for (const head of [
      `GET ${WORDS} HTTP/1.1\r\nHost: localhost\r\nHost: rebound.example\r\n`,
      `GET ${WORDS} HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\n`,
      `GET http://rebound.example${WORDS} HTTP/1.1\r\nHost: localhost\r\n`,
    ])
      expect(await bytes(at, `${head}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 [^]*"code":"http.400"/);
  });
});

describe('a request that a page sent', () => {
  const refused = { status: 403, body: { code: 'http.cross-site', next: expect.any(String) } };
  it.each([
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of another port of this host', { 'sec-fetch-site': 'same-site' }],
    ['of another origin, by a browser that says no more', { origin: 'https://evil.example' }],
    ['of another port, by a browser that says no more', { origin: 'http://127.0.0.1:1' }],
    ['in a sandbox', { origin: 'null' }],
    ['that says both', { 'sec-fetch-site': 'same-origin, cross-site' }],
    ['by leading the browser here', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ])('%s is refused, whatever it asks', async (_name, headers) => {
    const at = await open();
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']) {
      const answer = await raw(at, WORDS, headers, method);
      expect([method, answer.status]).toEqual([method, 403]);
      if (method !== 'HEAD') expect(answer).toMatchObject(refused);
    }
    expect(await raw(at, '/nowhere', headers)).toMatchObject(refused);
  });

  it('of our own origin is answered, and so is a program that sends neither header', async () => {
    const at = await open();
    const own = `127.0.0.1:${portOf(at)}`;
    for (const headers of [
      {},
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-origin' },
      { origin: `http://${own}`, host: own },
      { origin: `http://${own}`, host: own, 'sec-fetch-site': 'same-origin' },
    ])
      expect(await raw(at, WORDS, headers)).toMatchObject({ status: 200 });
  });

  it('through a proxy that ends TLS is known by API_URL, whichever Host the proxy sends', async () => {
    const at = await open({ url: 'https://butler.example' });
    for (const host of ['butler.example', `127.0.0.1:${portOf(at)}`])
      expect(await raw(at, WORDS, { origin: 'https://butler.example', host })).toMatchObject({ status: 200 });
    expect(await raw(at, WORDS, { origin: 'https://evil.example', host: 'butler.example' })).toMatchObject(refused);
  });

  it('asks how the process is as anybody may', async () => {
    expect(await raw(await open(), '/healthz', { 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 200 });
  });
});

describe('the address of a client', () => {
  const from = async (trustedProxies: readonly string[] | undefined, forwarded: string): Promise<unknown> => {
    const at = await open(trustedProxies === undefined ? {} : { trustedProxies });
    return (await raw(at, `${WORDS}/from`, { 'x-forwarded-for': forwarded })).body;
  };

  it('is the one that a trusted proxy names', async () =>
    expect(await from(['127.0.0.0/8'], '198.51.100.9, 192.0.2.1')).toEqual({ address: '192.0.2.1' }));

  it.each([undefined, ['10.0.0.0/8']])('is that of its connection when %j are trusted', async (trusted) =>
    expect(await from(trusted, '192.0.2.1')).toEqual({ address: '127.0.0.1' }),
  );
});

describe('a path and a query', () => {
  it.each([
    ['/words/x%ff', 400],
    ['/words/%', 400],
    ['/words/%00', 400],
    [`/words/${'x'.repeat(101)}`, 400],
    [`/words/${'x'.repeat(8_000)}`, 400],
    ['/words?q=%00', 400],
    ['/words?q=a&q=%00', 400],
    ['/words?%00=a', 400],
    ['/words?q=%00&limit=x', 400],
    ['/words/x/y', 404],
  ])('%s is a problem and no failure', async (path, status) => {
    const at = await open();
    const answer = await raw(at, `/api/v1/infrastructure${path}`);
    expect([answer.status, answer.type]).toEqual([status, expect.stringMatching(/^application\/problem\+json/)]);
    expect(answer.body).toMatchObject({ code: expect.stringMatching(/^http\./), next: expect.any(String) });
  });

  it('names the field that no text can be, or that is longer than it may', async () => {
    const at = await open();
    expect(await at.ask('GET', `words/${'x'.repeat(101)}`)).toMatchObject({ body: { code: 'http.invalid', errors: [{ field: 'id' }] } });
    expect(await at.ask('GET', 'words?q=%00')).toMatchObject({ body: { code: 'http.invalid', errors: [{ field: 'q' }] } });
  });
});

describe('what is not HTTP', () => {
  it('is answered with a problem, and the connection is closed', async () => {
    const at = await open();
    expect(await bytes(at, 'hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*application\/problem\+json[^]*"code":"http.400"/);
    expect(await bytes(at, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 [^]*"code":"http.431"/,
    );
  });

  it('or does not come to an end in time is cut off', async () => {
    const at = await open({ times: { headersMs: 40, requestMs: 80, lateCheckMs: 10 } });
    const late = /^HTTP\/1.1 408 [^]*"code":"http.408"/;
    expect(await bytes(at, `GET ${WORDS} HTTP/1.1\r\nHost: localh`)).toMatch(late);
    expect(await bytes(at, '')).toMatch(late);
    const head = `POST ${WORDS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{`;
    expect(await bytes(at, head)).toMatch(late);
  });
});
