import { existsSync } from 'node:fs';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { KnownCallers } from '@app/access';
import { type ApiConfig, list, trustedProxies } from '@app/config';
import { OperatorsAdapter, addressOf, networkOf, configureApp } from '@app/http';
import { ApiDescription } from './openapi.controller.js';
import { describeApi } from './openapi.module.js';

/** Of all addresses. */
const MAX_CONNECTIONS = 10_000;
/** Requests a minute of one caller who is known, and of one address whose callers are not; a page that is open makes a few. */
const RATE = { max: 1_200, timeWindow: 60_000, cache: 10_000 } as const;

/** The server of operators, by the names that the environment says. */
export const httpAdapter = ({
  API_HOST: host,
  API_URL: url,
  API_HOSTS,
  API_CONNECTIONS_PER_ADDRESS: perAddress,
  TRUSTED_PROXIES,
}: ApiConfig): OperatorsAdapter =>
  new OperatorsAdapter({
    ...{ host, url, names: list(API_HOSTS) },
    connections: { total: MAX_CONNECTIONS, perAddress },
    trustedProxies: trustedProxies(TRUSTED_PROXIES, { isProxied: url !== undefined }),
  });

/** Everything around the routes: headers, cookies, limits, the page. */
export async function dress(app: NestFastifyApplication): Promise<NestFastifyApplication> {
  await protect(app);
  await servePage(app);
  configureApp(app);
  app.get(ApiDescription).document = describeApi(app);
  return app;
}

/** Headers, cookies, and who may ask how much. */
export async function protect(app: NestFastifyApplication, { max }: { readonly max: number } = RATE): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        styleSrcAttr: ["'unsafe-inline'"], // Radix places its menus and dialogs by the style attribute.
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    hsts: false, // Said by whoever ends TLS in front of us.
    crossOriginEmbedderPolicy: false,
  });
  await app.register(cookie);
  const callers = app.get(KnownCallers);
  const { connections } = app.getHttpAdapter() as unknown as OperatorsAdapter;
  await app.register(rateLimit, {
    ...RATE,
    max,
    // Two kinds of keys, so that strangers spend nothing of a caller's, nor a caller of other callers at the same address.
    keyGenerator: (request) => {
      const caller = callers.of(request);
      if (caller === null) return `address ${networkOf(addressOf(request.raw))}`;
      connections.trust(request.socket);
      return caller;
    },
    allowList: ({ url }: { url: string }) => url === '/readyz' || url === '/healthz', // Else whoever asks much would make us look ill.
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { statusCode }) =>
      Object.assign(new Error('Too many requests of this caller, or of callers at this address who are not known.'), { statusCode }),
  });
}

/** The built dashboard. A clone that was not built has none, and then these paths say what to do. */
async function servePage(app: NestFastifyApplication): Promise<void> {
  const root = join(import.meta.dirname, '../../dashboard');
  const fastify = app.getHttpAdapter().getInstance();
  if (!existsSync(join(root, 'index.html'))) return;
  await app.register(fastifyStatic, { root, wildcard: false, index: false, cacheControl: true, maxAge: '1h', immutable: false });
  for (const path of ['/infrastructure', '/infrastructure/*', '/login'])
    fastify.get(path, (_request, reply) => reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false }));
  fastify.get('/', (_request, reply) => reply.redirect('/infrastructure'));
}
