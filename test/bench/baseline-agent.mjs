// An A2A agent as small as one can be, as a process: says its URL, answers every call with the same message. Ends with its parent.
import { createServer } from 'node:http';

const ANSWER = JSON.stringify({
  jsonrpc: '2.0',
  id: 'call',
  result: { message: { messageId: 'answer', role: 'ROLE_AGENT', parts: [{ text: 'x'.repeat(250) }] } },
});
const HEADERS = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(ANSWER) };
const card = (url) => ({
  name: 'Bench',
  description: 'Answers at once.',
  version: '1',
  capabilities: { streaming: false },
  defaultInputModes: ['text/plain'],
  defaultOutputModes: ['text/plain'],
  skills: [],
  supportedInterfaces: [{ url: `${url}rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
});

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(card(url())));
    return;
  }
  request.resume().once('end', () => response.writeHead(200, HEADERS).end(ANSWER));
}).listen(0, '127.0.0.1', () => console.log(url()));
server.keepAliveTimeout = 60_000;
const url = () => `http://127.0.0.1:${server.address().port}/`;
process.stdin.resume().once('end', () => process.exit());
