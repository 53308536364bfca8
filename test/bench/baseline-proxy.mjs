// A reverse proxy as Node brings it, as a process: says its URL, hands everything to the one it is told, over sockets that it keeps.
// Ends with its parent.
import { Agent, createServer, request as ask } from 'node:http';

const target = new URL(process.argv[2]);
const agent = new Agent({ keepAlive: true });

const server = createServer((request, response) => {
  const { method, url: path, headers } = request;
  const onward = ask({ agent, method, path, headers, host: target.hostname, port: target.port }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}).listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
server.keepAliveTimeout = 60_000;
process.stdin.resume().once('end', () => process.exit());
