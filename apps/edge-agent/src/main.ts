import { edgeAgent } from './edge-agent.js';
import { terminalOf } from './terminal.js';

/** Told to the server, which shows it. */
const VERSION = '0.1.0';

for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined); // Nobody reads any more: no reason to stop.
process.exitCode = await edgeAgent(process.argv.slice(2), { terminal: terminalOf(process), version: VERSION });
// What a library forgot to close must not keep a process alive that is done.
setTimeout(() => process.exit(), 2_000).unref();
