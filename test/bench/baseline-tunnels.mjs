// A WebSocket server that parses every frame and answers it, and does nothing else, as a process: says its URL. Ends with its parent.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 1_048_576, handleProtocols: ([first]) => first });
sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { seq } = JSON.parse(/** @type {Buffer} */ (data).toString('utf8'));
    socket.send(JSON.stringify({ type: 'heartbeat_ack', seq, received_at: new Date().toISOString() }));
  });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.resume().once('end', () => process.exit());
