import fc from 'fast-check';
import { failureReason } from './failure-reason.js';
import { InterfaceTable } from './interface-table.js';
import { readClientPath, readPeerPath, urlBelow } from './paths.js';

describe('paths', () => {
  it.each([
    ['/a2a/peers/p-1/agents/a.b/.well-known/agent-card.json', { peer: 'p-1', agent: 'a.b', wanted: { what: 'card' } }],
    ['/a2a/peers/p-1/agents/a/i/0a', { peer: 'p-1', agent: 'a', wanted: { what: 'interface', key: '0a', path: '' } }],
    ['/a2a/peers/p-1/agents/a/i/0a/', { peer: 'p-1', agent: 'a', wanted: { what: 'interface', key: '0a', path: '/' } }],
    ['/a2a/peers/p-1/agents/a/i/0a?x=../', { peer: 'p-1', agent: 'a', wanted: { what: 'interface', key: '0a', path: '?x=../' } }],
    ['/a2a/peers/p/agents/a/i/0a/tasks/..t?x', { peer: 'p', agent: 'a', wanted: { what: 'interface', key: '0a', path: '/tasks/..t?x' } }],
  ])('%s is understood', (url, path) => expect(readClientPath(url)).toEqual(path));

  it.each([
    '',
    'i/',
    'i/0a/..',
    'i/0a/../x',
    'i/0a/%2E%2e/x',
    'i/0a/.%2e',
    'i/0a/./x',
    'i/0a/%2e',
    'i/0a/a\\..\\b',
    'i/0a/a%5c..',
    'i/0a/..%2fx',
    'i/0a/a%2F..%2f..%2Fx',
    'i/0a/a%2f%2e%2E',
    'i/0a/..;/x',
    'i/0a/..%3Bv=1/x',
    'i/0a.b',
    'x',
  ])('what steps out of an agent, or is nothing of it, is not: %s', (rest) => {
    expect(readClientPath(`/a2a/peers/p/agents/a/${rest}`)).toBeNull();
    expect(readPeerPath(`/federation/v1/a2a/a/${rest}`)).toBeNull();
  });
  it.each(['..', '.', '%2e%2e', 'a%2fb', ''])('an agent is not called %s', (agent) =>
    expect(readPeerPath(`/federation/v1/a2a/${agent}/i/0a`)).toBeNull(),
  );

  it.each([
    ['https://a.example/rpc', '', 'https://a.example/rpc'],
    ['https://a.example/rpc/', '/', 'https://a.example/rpc/'],
    ['https://a.example/rpc?t=1', '?x=1', 'https://a.example/rpc?t=1&x=1'],
    ['https://a.example/rest/', '/tasks/1?x=a?b', 'https://a.example/rest/tasks/1?x=a?b'],
    ['https://a.example/rest?t=1', '/tasks', 'https://a.example/rest/tasks?t=1'],
    ['https://a.example', '/tasks/%2F', 'https://a.example/tasks/%2F'],
  ])('%s with %s below is %s', (real, path, url) => expect(urlBelow(real, path).href).toBe(url));

  it('whatever is understood stays below the real URL', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '%2e', '%2e%2e', '\\', '%5c', '//', '@', '#', '?', ':80'), fc.webPath());
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const read = readPeerPath(`/federation/v1/a2a/a/i/0a/${parts.join('/')}`);
        if (read?.wanted.what === 'interface')
          expect(urlBelow('https://a.example/rest', read.wanted.path).href).toMatch(/^https:\/\/a\.example\/rest(?:[/?]|$)/);
      }),
      { numRuns: 1_000 },
    );
  });
});

it.each([
  ['/tasks?access_token=cbt_1&historyLength=2', '?historyLength=2'],
  ['/tasks?historyLength=a%20b&ACCESS%5Ftoken=cbt_1', '?historyLength=a%20b'],
  ['?access_token=cbt_1', ''],
  ['/tasks?my_access_token=1&x', '?my_access_token=1&x'],
])('sends %s on without the credential of the caller', (path, search) => {
  expect(urlBelow('https://agent.example/a2a', path).search).toBe(search);
});

describe('the interface table', () => {
  const table = new InterfaceTable<string>();
  const never = (): Promise<never> => Promise.reject(new Error('it was read for nothing'));

  it('reads the cards of both versions before it gives up', async () => {
    const read: string[] = [];
    const nothing = async (version: string): Promise<undefined> => void read.push(version);
    expect(await table.find('a', 'k', nothing)).toEqual({ url: undefined });
    expect(read).toEqual(['1.0', '0.3']);
  });
  it('finds what the last card of either version names', async () => {
    table.remember('a', '1.0', new Map([['k', 'https://one']]));
    table.remember('a', '0.3', new Map([['l', 'https://two']]));
    expect(await table.find('a', 'k', never)).toEqual({ url: 'https://one' });
    expect(await table.find('a', 'l', never)).toEqual({ url: 'https://two' });
    table.remember('a', '1.0', new Map());
    expect(await table.find('a', 'k', async () => undefined)).toEqual({ url: undefined });
  });
  it('says what kept it from reading', async () => expect(await table.find('b', 'k', async () => 'down')).toEqual({ failure: 'down' }));
  it('forgets who was read longest ago', async () => {
    for (let i = 0; i < 1_024; i++) table.remember(`owner-${i}`, '1.0', new Map([['k', `https://${i}`]]));
    expect(await table.find('a', 'l', async () => undefined)).toEqual({ url: undefined });
    expect(await table.find('owner-0', 'k', never)).toEqual({ url: 'https://0' });
  });
});

it.each([
  [{ code: 'ECONNREFUSED' }, false, 'connect_refused'],
  [{ code: 'EHOSTUNREACH' }, false, 'host_unreachable'],
  [{ code: 'ENETUNREACH' }, false, 'network_unreachable'],
  [{ code: 'EADDRNOTAVAIL' }, false, 'address_unavailable'],
  [{ code: 'ECONNRESET' }, true, 'answer_cut'],
  [{ code: 'ENOTFOUND' }, false, 'dns_failure'],
  [{ code: 'ETIMEDOUT' }, false, 'timeout'],
  [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, false, 'tls_failure'],
  [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, false, 'tls_failure'],
  [{ code: 'http.outbound-denied' }, false, 'address_denied'],
  [{ code: 'HPE_INVALID_CONSTANT' }, true, 'answer_invalid'],
  [new Error('anything'), false, 'connect_refused'],
  [undefined, true, 'answer_cut'],
])('%j, connected: %s, is %s', (error, wasConnected, reason) => expect(failureReason(error, wasConnected)).toBe(reason));
