import { once } from 'node:events';
import { type IncomingMessage, type Server, createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { TrustedProxies, addressOf } from './client-address.js';

const behind = (sender: string, forwarded: string, trusted = ['10.0.0.0/8', '2001:db8:1::/48', 'fe80::/10']): string =>
  new TrustedProxies(trusted).clientBehind(sender, forwarded);

describe('the address of a client', () => {
  it.each([
    ['that asks a trusted proxy is the last of the header', '10.0.0.1', '198.51.100.9, 192.0.2.1', '192.0.2.1'],
    ['behind two trusted proxies is the rightmost that is not trusted', '10.0.0.1', '198.51.100.9, 192.0.2.1, 10.0.0.2', '192.0.2.1'],
    ['that names a trusted proxy to its left is not that proxy', '10.0.0.1', '10.9.9.9, 192.0.2.1', '192.0.2.1'],
    ['that is not trusted is its own, whatever its header says', '192.0.2.7', '198.51.100.9', '192.0.2.7'],
    ['is that of the proxy without a header', '10.0.0.1', '', '10.0.0.1'],
    ['within the trusted networks is the leftmost', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['of IPv6 is taken', '2001:db8:1::5', '2001:db8:2::1', '2001:db8:2::1'],
    ['is taken without its port', '10.0.0.1', '192.0.2.1:5000', '192.0.2.1'],
    ['of IPv6 is taken without brackets and port', '10.0.0.1', '[2001:db8:2::1]:5000', '2001:db8:2::1'],
    ['of IPv4 within IPv6 has one spelling', '10.0.0.1', '::ffff:192.0.2.1', '192.0.2.1'],
    ['is found behind a proxy whose IPv4 address stands within IPv6', '10.0.0.1', '192.0.2.1, ::FFFF:10.0.0.2', '192.0.2.1'],
    ['is found behind a proxy whose address stands within IPv6 in hexadecimal', '10.0.0.1', '192.0.2.1, ::ffff:a00:2', '192.0.2.1'],
    ['is found behind a proxy on a link of its own', 'fe80::1%eth0', '192.0.2.1', '192.0.2.1'],
    ['is that of the proxy that wrote no address', '10.0.0.1', '192.0.2.1, unknown', '10.0.0.1'],
    ['is that of the proxy behind which stands garbage', '10.0.0.1', '192.0.2.1, <script>, 10.0.0.2', '10.0.0.2'],
    ['is that of the proxy before an empty entry', '10.0.0.1', '192.0.2.1,, 10.0.0.2', '10.0.0.2'],
    ['is not read of a number', '10.0.0.1', '3221225985', '10.0.0.1'],
    ['is not read of a text without end', '10.0.0.1', '1'.repeat(16_000), '10.0.0.1'],
  ])('%s', (_case, sender, forwarded, client) => expect(behind(sender, forwarded)).toBe(client));

  it('is that of the sender when no proxy is trusted', () => expect(behind('10.0.0.1', '192.0.2.1', [])).toBe('10.0.0.1'));

  it('is looked for in 32 entries, however many there are', () => {
    const asked: string[] = [];
    const proxies = new TrustedProxies(['10.0.0.0/8']);
    proxies.has = (address) => asked.push(address) > 0;
    const entries = Array.from({ length: 10_000 }, (_, i) => `10.0.${Math.floor(i / 250)}.${i % 250}`);
    expect(proxies.clientBehind('10.1.0.0', entries.join(', '))).toBe(entries.at(-32));
    expect(asked).toHaveLength(32);
  });
});

describe('the address of a request', () => {
  let server: Server;
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const listen = async (trusted: readonly string[] | null): Promise<number> => {
    server = createServer((asked, answer) => void answer.end(addressOf(asked)));
    if (trusted !== null) new TrustedProxies(trusted).watch(server);
    server.on('upgrade', (asked: IncomingMessage, socket) => socket.end(addressOf(asked)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const ask = async (port: number, forwarded: string | string[]): Promise<string> => {
    const asked = request({ port, host: '127.0.0.1', headers: { 'x-forwarded-for': forwarded } });
    asked.end();
    const [answer] = await once(asked, 'response');
    return text(answer);
  };

  it.each([
    ['is in the header of a trusted proxy', ['127.0.0.0/8'], '192.0.2.1', '192.0.2.1'],
    ['is in the last of several lines of the header', ['127.0.0.0/8'], ['198.51.100.9', '192.0.2.1, 127.0.0.9'], '192.0.2.1'],
    ['is that of its connection when the sender is not trusted', ['10.0.0.0/8'], '192.0.2.1', '127.0.0.1'],
    ['is that of its connection when no listener says who is trusted', null, '192.0.2.1', '127.0.0.1'],
  ])('%s', async (_case, trusted, forwarded, address) => expect(await ask(await listen(trusted), forwarded)).toBe(address));

  it('is the same at an upgrade', async () => {
    const socket = connect(await listen(['127.0.0.0/8']), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n');
    expect(await text(socket)).toBe('192.0.2.1');
  });
});
