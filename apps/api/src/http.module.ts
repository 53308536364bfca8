import { existsSync } from 'node:fs';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { openDoor } from '@app/http';
import { ApiDescription } from './openapi.controller.js';
import { describeApi } from './openapi.module.js';

/** No request of ours needs more. */
const BODY_LIMIT = 256 * 1024;
const REQUEST_MS = 30_000;
/** Requests a minute and address; a page that is open makes a few. */
const RATE = { max: 1_200, timeWindow: 60_000 } as const;

/** `behindProxy`: one on this machine says whom a request is from, so that limits by address are of people and not of the proxy. */
export const httpAdapter = ({ behindProxy }: { behindProxy: boolean }): FastifyAdapter =>
  new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
    trustProxy: behindProxy ? 'loopback' : false,
  });

/** Everything around the routes: headers, cookies, limits, the page. */
export async function dress(app: NestFastifyApplication): Promise<NestFastifyApplication> {
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
  await app.register(rateLimit, {
    ...RATE,
    allowList: ({ url }: { url: string }) => url === '/readyz' || url === '/healthz', // Else whoever asks much would make us look ill.
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { statusCode }) => Object.assign(new Error('Too many requests from this address.'), { statusCode }),
  });
  await servePage(app);
  openDoor(app);
  app.get(ApiDescription).document = describeApi(app);
  return app;
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
