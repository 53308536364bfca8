// A fake OpenClaw gateway as a process, for the demo and for hands:
//   node test/fake-openclaw/process.mjs [--port 0] [--state local] [--token <token>] [--scopes operator.read]
// Says where it listens in one line of JSON; SIGTERM ends it. `--token` is not a secret: the gateway is not one either.
import { parseArgs } from 'node:util';
import '../../libs/runtime/testing/typescript.mjs';

const TICK_MS = 30_000;
const { FakeGateway } = await import('./fake-gateway.ts');
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    state: { type: 'string', default: 'local' },
    token: { type: 'string' },
    scopes: { type: 'string', default: '' },
  },
});

const gateway = new FakeGateway();
gateway.state = values.state;
if (values.token !== undefined) gateway.sockets.tokens[values.token] = values.scopes.split(',').filter(Boolean);
const url = await gateway.listen(Number(values.port));
const ticks = setInterval(() => gateway.sockets.tick(), TICK_MS);
const end = () => {
  clearInterval(ticks);
  void gateway.close();
};
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, end);
if (process.send !== undefined) process.once('disconnect', end);
console.log(JSON.stringify({ url }));
