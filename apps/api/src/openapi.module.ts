import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Problem } from '@app/http';

const SESSION_COOKIE = 'Set by POST session. Where operators come by https its name begins with __Host-.';

/** The description of everything the API answers; `docs/openapi.json` is this, and clients' types are made from it. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const document = new DocumentBuilder()
    .setTitle('ClawButler Infrastructure')
    .setDescription(
      'Peers, edge agents and services of one instance. Commands answer 202 with the position of what they wrote; give it as `after` to a read to see the effect. Everything that is not an answer is RFC 9457 `application/problem+json`.',
    )
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A service token: cb_srv_...' }, 'token')
    .addCookieAuth('cb_session_{instance_id}', { type: 'apiKey', in: 'cookie', description: SESSION_COOKIE }, 'session')
    .addSecurityRequirements('token')
    .addSecurityRequirements('session')
    .addGlobalResponse({ status: 'default', description: 'What went wrong, and what to do next', type: Problem })
    .build();
  return withProblems(
    SwaggerModule.createDocument(app, document, {
      extraModels: [Problem],
      operationIdFactory: (controller, method) => `${method}${controller.replace(/Controller$/, '')}`,
    }),
  );
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** A global response has the media type of answers, whatever a problem has. */
function withProblems(description: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(description.paths))
    for (const method of METHODS) {
      const problem = path[method]?.responses['default'] as { content?: Record<string, object> } | undefined;
      const [content] = Object.values(problem?.content ?? {});
      if (problem !== undefined && content !== undefined) problem.content = { 'application/problem+json': content };
    }
  return description;
}
