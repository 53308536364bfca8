import { addressOf, readQuery, returnPath, writeQuery } from './address.js';

describe('an address', () => {
  it('is read back from the query it was written to', () => {
    const address = addressOf({ section: 'services', status: 'down', q: '123 a&b', id: 'gateway-lisbon', tab: 'raw', show: 'all' });
    expect(addressOf(readQuery(writeQuery(address)))).toEqual(address);
    expect(address.q).toBe('123 a&b');
  });

  it('begins with the peers, and leaves out what makes no sense', () => {
    expect(addressOf({ section: 'nowhere', tab: 'raw', show: 'some', stream: 'gossip', status: '', q: 7 })).toEqual({
      section: 'federation',
    });
  });

  it('has a tab only where a drawer is open', () => {
    expect(addressOf({ section: 'services', id: 'api', tab: 'raw' }).tab).toBe('raw');
    expect(addressOf({ section: 'services', tab: 'raw' }).tab).toBeUndefined();
  });
});

describe('a place among calls and rules', () => {
  it('holds the filters and the open call of a peer', () => {
    const address = addressOf({ section: 'federation', id: 'peer-1', tab: 'calls', direction: 'in', outcome: 'denied', call: '01K' });
    expect(address).toMatchObject({ direction: 'in', outcome: 'denied', call: '01K' });
    expect(addressOf(readQuery(writeQuery(address)))).toEqual(address);
  });

  it('has none of them elsewhere, and none that make no sense', () => {
    expect(addressOf({ section: 'federation', id: 'peer-1', direction: 'in', call: '01K' })).toEqual({
      section: 'federation',
      id: 'peer-1',
    });
    expect(addressOf({ section: 'federation', id: 'peer-1', tab: 'calls', direction: 'up', outcome: 'lost' })).toEqual({
      section: 'federation',
      id: 'peer-1',
      tab: 'calls',
    });
  });

  it('has rules in the federation only', () => {
    expect(addressOf({ section: 'federation', view: 'rules' }).view).toBe('rules');
    expect(addressOf({ section: 'edge', view: 'rules' }).view).toBeUndefined();
    expect(addressOf({ section: 'federation', view: 'peers' }).view).toBeUndefined();
  });
});

it('writes no empty query', () => expect(writeQuery({ a: '', b: undefined })).toBe(''));

describe('the way back after a login', () => {
  it.each([
    ['/infrastructure?section=services&id=valkey', '/infrastructure?section=services&id=valkey'],
    ['/infrastructure', '/infrastructure'],
    ['https://evil.example/infrastructure', '/infrastructure'],
    ['//evil.example', '/infrastructure'],
    ['/infrastructure.evil', '/infrastructure'],
    ['javascript:alert(1)', '/infrastructure'],
    [undefined, '/infrastructure'],
  ])('%s leads to %s', (wanted, path) => expect(returnPath(wanted)).toBe(path));
});
