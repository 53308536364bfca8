import { OwnEndpoints } from './own-endpoints.js';

const interfaces = (() => ({
  eth0: [
    { address: '10.1.2.3', family: 'IPv4' },
    { address: 'fe80::1%eth0', family: 'IPv6' },
  ],
})) as never;
const own = new OwnEndpoints(
  [
    { host: '127.0.0.1', port: 4600 },
    { host: '0.0.0.0', port: 4601 },
    { host: 'db.internal', port: 5432 },
    { host: '192.0.2.7', port: 4222 },
  ],
  interfaces,
);

it.each([
  ['127.0.0.1', 4600, true],
  ['127.0.0.2', 4600, true],
  ['::1', 4600, true],
  ['::ffff:7f00:1', 4600, true],
  ['localhost', 4600, true],
  ['agent.localhost.', 4600, true],
  ['0.0.0.0', 4600, true],
  ['10.1.2.3', 4601, true],
  ['fe80::1', 4601, true],
  ['DB.internal.', 5432, true],
  ['192.0.2.7', 4222, true],
  ['127.0.0.1', 4602, false],
  ['127.0.0.1', 5432, false],
  ['10.1.2.4', 4601, false],
  ['other.internal', 5432, false],
  ['192.0.2.8', 4222, false],
])('knows whether %s:%i is its own: %s', (host, port, isOwn) => expect(own.has(host, port)).toBe(isOwn));
