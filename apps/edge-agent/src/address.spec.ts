import { addressOf, nameOf, socketUrl } from './address.js';

it.each([
  ['https://claw.example/', 'https://claw.example'],
  ['https://claw.example:443/base/', 'https://claw.example/base'],
  ['http://127.0.0.1:4601', 'http://127.0.0.1:4601'],
  ['http://localhost:4601/', 'http://localhost:4601'],
  ['http://claw.localhost', 'http://claw.localhost'],
  ['http://[::1]:4601', 'http://[::1]:4601'],
  ['http://2130706433:1', 'http://127.0.0.1:1'],
  ['https://claw.example/?q#f', 'https://claw.example'],
])('%s is taken', (text, address) => expect(addressOf(text, '--server')).toBe(address));

it.each([
  ['', 'agent.usage'],
  ['claw.example', 'agent.usage'],
  ['ws://127.0.0.1', 'agent.usage'],
  ['file:///etc/passwd', 'agent.usage'],
  ['https://ada@claw.example', 'agent.usage'],
  ['http://claw.example', 'agent.insecure'],
  ['http://192.168.0.7', 'agent.insecure'],
  ['http://127.0.0.1.evil.example', 'agent.insecure'],
  ['http://notlocalhost', 'agent.insecure'],
  ['http://localhost.evil.example', 'agent.insecure'],
  ['http://0.0.0.0', 'agent.insecure'],
  ['http://[::2]', 'agent.insecure'],
])('%s is refused', (text, code) => expect(() => addressOf(text, '--server')).toThrow(expect.objectContaining({ code })));

it('is the same place for a WebSocket, and has a name', () => {
  expect(socketUrl('https://claw.example/base')).toBe('wss://claw.example/base');
  expect(socketUrl('http://127.0.0.1:1')).toBe('ws://127.0.0.1:1');
  expect(nameOf('http://127.0.0.1:18789')).toBe('127.0.0.1:18789');
  expect(nameOf('https://claw.example/gw/berlin')).toBe('claw.example/gw/berlin');
});
