import { Failure } from './failure.js';

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Where the server or a gateway is: http or https, without credentials, query and slash at its end. What goes there is secret, so
 * plain http is for this machine only. `source` names it in a sentence: `--server`.
 */
export function addressOf(text: string, source: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Failure(
      'agent.usage',
      `${source} is not an http or https address`,
      'give one like https://claw.example or http://127.0.0.1:4601',
    );
  if (url.username !== '' || url.password !== '')
    throw new Failure(
      'agent.usage',
      `${source} holds credentials`,
      'leave them out of the address; tokens come from files or standard input',
    );
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    throw new Failure(
      'agent.insecure',
      `${source} is ${url.origin}, where everything would travel in clear; plain http goes no further than this machine`,
      'use its https address, or a tunnel of your own that ends on this machine',
    );
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** Whether it is on this machine. */
export const isLoopback = (address: string): boolean => LOOPBACK.test(new URL(address).hostname);

/** The same place for a WebSocket. */
export const socketUrl = (address: string): string => address.replace(/^http/, 'ws');

/** What tells one gateway from another on a page: `127.0.0.1:18789`. */
export function nameOf(address: string): string {
  const { host, pathname } = new URL(address);
  return host + (pathname === '/' ? '' : pathname);
}
