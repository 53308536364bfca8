import {
  type ExecutionContext,
  type INestApplication,
  type NestApplicationOptions,
  type Type,
  ValidationPipe,
  applyDecorators,
  createParamDecorator,
} from '@nestjs/common';
import { ApiBody, ApiParam, OmitType } from '@nestjs/swagger';
import { STRICT, violationsOf } from '@app/kernel';
import { ProblemFilter, notUnderstood } from './problem.filter.js';

interface Answering {
  header(name: string, value: string): void;
}
interface Fastify {
  addHook(name: 'onRequest', hook: (request: { readonly url: string }, reply: Answering) => Promise<void>): void;
}

const PREFIX = 'api/v1/infrastructure';

/**
 * Options of every Nest application that answers HTTP. Two controllers on one route end the start: without this, Nest keeps the first and
 * the second never answers. `shadow` stays off, since Fastify prefers `peers/test` to `peers/:peer_id` in any order.
 */
export const APP_OPTIONS = { abortOnError: false, routeConflictPolicy: { duplicate: 'error' } } as const satisfies NestApplicationOptions;

/** What every app that answers HTTP does first: one root, one way to understand a request, one way to say no. */
export const configureApp = <App extends INestApplication>(app: App): App => {
  keptByNobody(app);
  return app
    .setGlobalPrefix(PREFIX, { exclude: ['healthz', 'readyz', 'openapi.json'] })
    .useGlobalPipes(contractPipe())
    .useGlobalFilters(new ProblemFilter());
};

/** Each answer of the API may hold a secret, or what only this caller may see: no cache keeps it. */
function keptByNobody(app: INestApplication): void {
  const fastify = app.getHttpAdapter().getInstance() as Fastify;
  fastify.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith(`/${PREFIX}/`)) reply.header('cache-control', 'no-store');
  });
}

/** Every command and query becomes an instance of its class here, or a 400 that names each broken promise. */
const contractPipe = (): ValidationPipe =>
  new ValidationPipe({
    ...STRICT,
    transform: true,
    validateCustomDecorators: true, // @Command() is one.
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => notUnderstood(violationsOf(errors)),
  });

/** The parameters of the path and the body, as one object: a command. What the path says, the body may not say again. */
export const Command = createParamDecorator((_: unknown, context: ExecutionContext): object => {
  const { params, body } = context.switchToHttp().getRequest<{ params: object; body?: object | null }>();
  const twice = Object.keys(params).filter((field) => Object.hasOwn(body ?? {}, field));
  if (twice.length > 0) throw notUnderstood(twice.map((field) => ({ field, message: `${field} is said by the path` })));
  return { ...body, ...params };
});

/** Describes what `@Command()` takes: these fields in the path, all others in the body. */
export function Takes<C extends object>(command: Type<C>, ...inPath: readonly (keyof C & string)[]): MethodDecorator {
  const Body = OmitType(command, inPath);
  Object.defineProperty(Body, 'name', { value: `${command.name}Body` }); // A schema is filed under the name of its class.
  return applyDecorators(...inPath.map((name) => ApiParam({ name })), ApiBody({ type: Body }));
}
