import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { BodyBudget } from './body-budget.js';
import { boundedBody } from './bounded-body.js';

const KIB = 1024;
const coming = (headers: Record<string, string> = {}) => {
  const body = Object.assign(new PassThrough(), { headers });
  return { body, request: body as unknown as IncomingMessage };
};

it('a body is read whole, up to its bound', async () => {
  const { body, request } = coming();
  const read = boundedBody(request, 4);
  body.write('ab');
  body.end('cd');
  expect(await read).toEqual(Buffer.from('abcd'));
});

it('one that is said to be longer is not read at all', async () => {
  const { body, request } = coming({ 'content-length': '5' });
  expect(await boundedBody(request, 4)).toBe('too-long');
  expect(body.listenerCount('data')).toBe(0);
});

it('of one that turns out longer the rest can be dropped', async () => {
  const { body, request } = coming();
  const read = boundedBody(request, 4);
  body.write('abcde');
  expect(await read).toBe('too-long');
  expect(body.isPaused()).toBe(true);
  const ended = new Promise((resolve) => body.on('end', resolve));
  request.resume();
  body.end('f'.repeat(100 * KIB));
  await ended;
});

it('one that is torn is cut', async () => {
  const { body, request } = coming();
  const read = boundedBody(request, 4);
  body.destroy();
  expect(await read).toBe('cut');
});

it('one in very small parts is held as one in large ones is', async () => {
  const { body, request } = coming();
  const budget = new BodyBudget(16 * KIB, 16 * KIB);
  const read = boundedBody(request, 1024 * KIB, budget.share());
  for (let i = 0; i < 12 * KIB; i++) body.write('x');
  body.end();
  expect(await read).toEqual(Buffer.alloc(12 * KIB, 'x'));
});

it('one that says how long it is takes no more than that', async () => {
  const { body, request } = coming({ 'content-length': String(5 * KIB) });
  const read = boundedBody(request, 1024 * KIB, new BodyBudget(5 * KIB, 5 * KIB).share());
  for (let i = 0; i < 5; i++) body.write(Buffer.alloc(KIB, i));
  body.end();
  expect(await read).toEqual(Buffer.concat([0, 1, 2, 3, 4].map((i) => Buffer.alloc(KIB, i))));
});

it('whatever its parts are, it is what they were', async () => {
  const part = fc.uint8Array({ maxLength: 5 * KIB });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 20 }), fc.boolean(), async (parts, isAnnounced) => {
      const whole = Buffer.concat(parts);
      const { body, request } = coming(isAnnounced ? { 'content-length': String(whole.length) } : {});
      const read = boundedBody(request, 100 * KIB);
      for (const each of parts) body.write(each);
      body.end();
      expect((await read).toString()).toBe(whole.toString());
    }),
  );
});

describe('a budget', () => {
  it('is of all bodies together, and has again what is released', async () => {
    const budget = new BodyBudget(100 * KIB, 100 * KIB);
    const [first, second] = [budget.share(), budget.share('192.0.2.1')];
    expect([first.take(60 * KIB), second.take(60 * KIB), second.take(40 * KIB), first.take(1)]).toEqual([true, false, true, false]);
    first.release();
    first.release();
    expect([second.take(60 * KIB), second.take(1)]).toEqual([true, false]);
  });

  it('is not for one network alone, and has again what that releases', () => {
    const budget = new BodyBudget(100 * KIB, 25 * KIB);
    const [first, second, other] = ['2001:db8:0:0::/64', '2001:db8:0:0::/64', '2001:db8:0:1::/64'].map((network) => budget.share(network));
    expect([first?.take(20 * KIB), second?.take(6 * KIB), second?.take(5 * KIB)]).toEqual([true, false, true]);
    expect([first?.take(1), other?.take(25 * KIB), other?.take(1)]).toEqual([false, true, false]);
    first?.release();
    expect([second?.take(20 * KIB), second?.take(1)]).toEqual([true, false]);
  });

  it('ends a body that it has no room for', async () => {
    const budget = new BodyBudget(100 * KIB, 100 * KIB);
    budget.share().take(60 * KIB);
    const { body, request } = coming();
    const read = boundedBody(request, 1024 * KIB, budget.share());
    body.write(Buffer.alloc(30 * KIB));
    body.write(Buffer.alloc(30 * KIB));
    expect(await read).toBe('no-room');
    expect([body.isPaused(), body.listenerCount('data')]).toEqual([true, 0]);
  });
});
