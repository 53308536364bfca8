// Fastify with nothing but its own parser of JSON, which answers 401 to everybody, as a process: says its URL. Ends with its parent.
import fastify from 'fastify';

const server = fastify();
server.all('/*', (_request, reply) => reply.code(401).send({ code: 'login-needed' }));
console.log(await server.listen({ port: 0, host: '127.0.0.1' }));
process.stdin.resume().once('end', () => process.exit());
