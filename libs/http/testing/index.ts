import type { LoggerService, Provider, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { APP_OPTIONS, OperatorsAdapter, type OperatorsOptions, configureApp } from '@app/http';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What the text says, when it is JSON; else the text. Each test knows its shape. */
  readonly body: any;
}

export interface TestApp {
  readonly app: NestFastifyApplication;
  /** `path` is below the prefix of the API; `body` as it is when it is text, else as JSON. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  close(): Promise<void>;
}

/** Controllers behind real HTTP on a free port of loopback; what they are injected is given. `prepare` comes before it listens. */
export async function testAppOf(
  controllers: readonly Type[],
  providers: readonly Provider[],
  logger: LoggerService | false = false,
  prepare: (app: NestFastifyApplication) => Promise<unknown> = async () => undefined,
  options: OperatorsOptions = { host: '127.0.0.1' },
): Promise<TestApp> {
  const module = await Test.createTestingModule({ controllers: [...controllers], providers: [...providers] }).compile();
  const app = configureApp(module.createNestApplication<NestFastifyApplication>(new OperatorsAdapter(options), { ...APP_OPTIONS, logger }));
  await prepare(app);
  await app.listen(0, '127.0.0.1');
  const root = `${await app.getUrl()}/api/v1/infrastructure/`;
  return {
    app,
    ask: async (method, path, body, headers = {}) => {
      const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
      const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await fetch(root + path, { method, headers: { ...type, ...headers }, ...sent });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
      return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : text };
    },
    close: () => app.close(),
  };
}

/** Everything that was logged, as one text. */
export class LogCapture implements LoggerService {
  text = '';
  private readonly write = (...words: unknown[]): void => {
    for (const word of words) this.text += `${word instanceof Error ? `${word.stack} ${JSON.stringify(word)}` : JSON.stringify(word)}\n`;
  };
  log = this.write;
  error = this.write;
  warn = this.write;
}
