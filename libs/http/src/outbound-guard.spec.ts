import type { LookupAddress } from 'node:dns';
import { type Server, createServer, get } from 'node:http';
import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { OutboundDenied, OutboundGuard, type OutboundRules } from './outbound-guard.js';

const strict: OutboundRules = { allowCidrs: [], allowLoopbackHttp: false };
const guard = new OutboundGuard(strict);
const atHome = new OutboundGuard({ ...strict, allowLoopbackHttp: true });
const check = (url: string, by = guard): string => {
  const checked = by.check(url);
  return checked instanceof URL ? 'open' : checked.denied;
};

describe('a URL', () => {
  it.each([
    ['https://lisbon.example', 'open'],
    ['https://lisbon.example:8443/cb?x=1', 'open'],
    ['https://9.9.9.9', 'open'],
    ['https://[2620:fe::fe]/', 'open'],
    ['http://lisbon.example', 'scheme'],
    ['http://127.0.0.1:4600', 'scheme'],
    ['ftp://lisbon.example', 'scheme'],
    ['file:///etc/passwd', 'not-a-url'],
    ['lisbon.example', 'not-a-url'],
    ['https://', 'not-a-url'],
    ['', 'not-a-url'],
    ['https://operator:hunter2@lisbon.example', 'userinfo'],
    ['https://operator@lisbon.example', 'userinfo'],
    ['https://:hunter2@lisbon.example', 'userinfo'],
    ['https://lisbon.example/#top', 'fragment'],
    ['https://lisbon.example/#', 'fragment'],
    ['https://localhost', 'address'],
    ['https://LOCALHOST.:8443', 'address'],
    ['https://a.localhost', 'address'],
    ['https://not-localhost.example', 'open'],
    ['https://127.0.0.1', 'address'],
    ['https://0x7f.1', 'address'],
    ['https://2130706433', 'address'],
    ['https://0177.0.0.1', 'address'],
    ['https://127.1.', 'address'],
    ['https://１２７.0.0.1', 'address'],
    ['https://[::1]', 'address'],
    ['https://[::]', 'address'],
    ['https://0.0.0.0', 'address'],
    ['https://[::ffff:169.254.169.254]', 'address'],
    ['https://[::127.0.0.1]', 'address'],
    ['https://[64:ff9b::7f00:1]', 'address'],
    ['https://[2002:7f00:1::]', 'address'],
    ['https://169.254.169.254/latest/meta-data', 'address'],
    ['https://[fd00:ec2::254]', 'address'],
    ['https://100.100.100.200', 'address'],
    ['https://168.63.129.16', 'address'],
    ['https://[fe80::1]', 'address'],
    ['https://[fc00::1]', 'address'],
    ['https://[ff02::1]', 'address'],
    ['https://239.255.255.250', 'address'],
    ['https://255.255.255.255', 'address'],
  ])('%s: %s', (url, expected) => expect(check(url)).toBe(expected));

  it('says why without saying what was in it', () => {
    expect(guard.check('https://operator:hunter2@lisbon.example')).toEqual({
      denied: 'userinfo',
      because: 'it carries a user name or a password',
    });
  });

  it.each([
    ['http://127.0.0.1:4601', 'open'],
    ['https://127.0.0.1:4601', 'open'],
    ['http://[::1]:4601', 'open'],
    ['http://localhost:4601', 'open'],
    ['http://lisbon.example', 'scheme'],
    ['http://10.0.0.1', 'scheme'],
    ['https://10.0.0.1', 'address'],
    ['https://169.254.169.254', 'address'],
  ])('%s with loopback open: %s', (url, expected) => expect(check(url, atHome)).toBe(expected));
});

/** IPv4 ranges a second time, as bounds, so that a slip in a mask shows. */
const CLOSED: [string, string][] = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['168.63.129.16', '168.63.129.16'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['224.0.0.0', '255.255.255.255'],
];
const numberOf = (dotted: string): number => dotted.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const dotted = (n: number): string => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
const bounds = CLOSED.map(([from, to]) => [numberOf(from), numberOf(to)] as const);
const expectedOf = (n: number): string => (bounds.some(([from, to]) => n >= from && n <= to) ? 'address' : 'open');
const MAX = 0xffff_ffff;

/** Any address, often one at or beside a bound. */
const v4 = fc.oneof(
  fc.nat(MAX),
  fc.constantFrom(...bounds.flatMap(([from, to]) => [from - 1, from, to, to + 1]).filter((n) => n >= 0 && n <= MAX)),
);
/** All the ways a number is written that a URL parser takes for an address. */
const spellings = (n: number): string[] => [
  dotted(n),
  String(n),
  `0x${n.toString(16)}`,
  `0${n.toString(8)}`,
  dotted(n)
    .split('.')
    .map((part) => `0x${Number(part).toString(16)}`)
    .join('.'),
  `${n >>> 24}.${n & 0xff_ffff}`,
  `[::ffff:${dotted(n)}]`,
  `[0:0:0:0:0:ffff:${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}]`,
];

describe('an address', () => {
  it('has one verdict, however it is written', () => {
    fc.assert(
      fc.property(v4, (n) => {
        for (const host of spellings(n)) expect([host, check(`https://${host}/`)]).toEqual([host, expectedOf(n)]);
      }),
      { numRuns: 300 },
    );
  });

  const hextets = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
  const v6 = (parts: number[]): string => `https://[${parts.map((part) => part.toString(16)).join(':')}]/`;

  it('of IPv6 is open only in 2000::/3, and not where it carries an IPv4 address', () => {
    fc.assert(
      fc.property(hextets, (parts) => {
        const [first = 0, second = 0] = parts;
        const carries = first === 0x2002 || (first === 0x2001 && second < 0x200);
        fc.pre(parts.slice(0, 5).some((part) => part !== 0)); // The mapped are above.
        expect(check(v6(parts))).toBe(first >> 13 === 1 && !carries ? 'open' : 'address');
      }),
    );
  });

  it.each([0x2001, 0x2002, 0x64, 0xfe80, 0xfd00, 0xff02])('of %i:: carries or leads inside', (first) => {
    fc.assert(fc.property(hextets, ([, , ...rest]) => expect(check(v6([first, 0, ...rest]))).toBe('address')));
  });

  it('is open when it is allow-listed, and only then', () => {
    const site = new OutboundGuard({ ...strict, allowCidrs: ['10.20.0.0/16', 'fd12:3456::/32'] });
    fc.assert(fc.property(fc.nat(0xffff), (n) => expect(check(`https://${dotted(numberOf('10.20.0.0') + n)}`, site)).toBe('open')));
    expect(check('https://[::ffff:10.20.0.1]', site)).toBe('open');
    expect(check('https://[fd12:3456::1]', site)).toBe('open');
    expect(check('https://10.21.0.1', site)).toBe('address');
    expect(check('https://10.19.255.255', site)).toBe('address');
    expect(check('https://[fd12:3457::1]', site)).toBe('address');
    expect(check('http://10.20.0.1', site)).toBe('scheme');
  });
});

it.each(['', '10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/129', 'lisbon.example/8', '10.0.0.0/-1', '10.0.0/8'])(
  'does not start with an allow-list that holds %j',
  (cidr) => expect(() => new OutboundGuard({ ...strict, allowCidrs: [cidr] })).toThrow(RangeError),
);

describe('a connection', () => {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    server = createServer((_request, response) => response.end('reached'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => new Promise((closed) => server.close(closed)));

  /** A resolver of our own making; the agent, the socket and the server are real. */
  const resolving =
    (...addresses: string[]) =>
    (_host: string, _options: unknown, callback: (error: null, found: LookupAddress[]) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  const guarded = (rules: Partial<OutboundRules>, ...addresses: string[]) =>
    new OutboundGuard({ ...strict, ...rules }, resolving(...addresses) as never);

  const reach = (by: OutboundGuard, host: string, autoSelectFamily = true): Promise<string> =>
    new Promise((resolve, reject) => {
      const agent = new Agent({ lookup: by.lookup, autoSelectFamily });
      get({ host, port, agent, path: '/' }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      }).on('error', reject);
    });

  it('goes nowhere when its name leads inside', async () => {
    await expect(reach(guarded({}, '127.0.0.1'), 'lisbon.example')).rejects.toThrow(OutboundDenied);
    await expect(reach(guarded({}, '127.0.0.1'), 'lisbon.example', false)).rejects.toThrow(
      'lisbon.example is at 127.0.0.1, which outbound requests may not reach',
    );
  });

  it('goes nowhere when a name that was outside leads inside the next time', async () => {
    let asked = 0;
    const by = new OutboundGuard({ ...strict, allowCidrs: ['127.0.0.1/32'] }, ((...of: Parameters<ReturnType<typeof resolving>>) =>
      resolving(asked++ === 0 ? '127.0.0.1' : '169.254.169.254')(...of)) as never);
    expect(await reach(by, 'lisbon.example')).toBe('reached');
    await expect(reach(by, 'lisbon.example')).rejects.toThrow(OutboundDenied);
  });

  it('goes to those of its addresses that are open', async () => {
    const by = guarded({ allowCidrs: ['127.0.0.1/32'] }, '10.0.0.1', 'fe80::1%eth0', '127.0.0.1');
    expect(await reach(by, 'lisbon.example')).toBe('reached');
    expect(await reach(by, 'lisbon.example', false)).toBe('reached');
  });

  it('takes loopback for a peer on this machine only from localhost', async () => {
    expect(await reach(guarded({ allowLoopbackHttp: true }, '127.0.0.1'), 'localhost')).toBe('reached');
    await expect(reach(guarded({ allowLoopbackHttp: true }, '127.0.0.1'), 'lisbon.example')).rejects.toThrow(OutboundDenied);
    await expect(reach(guarded({}, '127.0.0.1'), 'localhost')).rejects.toThrow(OutboundDenied);
  });

  it('asks the resolver of the system when it is given no other', async () => {
    expect(await reach(atHome, 'localhost')).toBe('reached');
  });

  it('hands on what the resolver could not answer', async () => {
    const by = new OutboundGuard(strict, ((_host: string, _options: unknown, callback: (error: Error) => void) =>
      callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))) as never);
    await expect(reach(by, 'lisbon.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});
