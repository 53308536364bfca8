// Where the servers are, for a program of the chaos run: its only argument is a file of JSON.
import { readFileSync } from 'node:fs';
import { built } from '../bench/built.mjs';

const { readConfig, ServersConfig } = await built('config');
const { accessFrom } = await built('process');

/** What `run.mjs` wrote: `env` as a process of production has it, and what else the program needs. */
export const given = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const access = accessFrom(readConfig(ServersConfig, given.env));
/** Servers of a cluster tell their own addresses, past the proxies. */
export const behindProxies = { ...access, nats: { ...access.nats, ignoreClusterUpdates: true } };
