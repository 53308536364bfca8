// The embedded servers in a process that can be killed. Arguments: the data directory. Says what it has, in one line of JSON.
import './typescript.mjs';

const { startServers } = await import('../src/servers.ts');

const log = (level, message) => console.error(`${level} ${message}`);
const servers = await startServers({ dataDir: process.argv[2], log });
console.log(JSON.stringify({ ...servers, children: servers.children() }));
setInterval(() => undefined, 1_000);
