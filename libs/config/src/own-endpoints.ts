import type { OutboundSurroundings } from './settings.js';

/** Ports of URLs that name none. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'ws:': 80,
  'wss:': 443,
  'nats:': 4222,
  'tls:': 4222,
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
  'rediss:': 6379,
  'valkey:': 6379,
};

/**
 * Where this instance listens and where its servers are, by their URLs: no routing rule may lead there. What is undefined, null or no URL is left out; a text
 * may hold several with commas.
 */
export const ownEndpoints = (...urls: readonly (string | null | undefined)[]): OutboundSurroundings['own'] =>
  urls
    .flatMap((text) => (text ?? '').split(','))
    .flatMap((text) => {
      const url = URL.parse(text.trim());
      if (url === null || url.hostname === '') return [];
      const port = url.port === '' ? DEFAULT_PORTS[url.protocol] : Number(url.port);
      return port === undefined ? [] : [{ host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port }];
    });
