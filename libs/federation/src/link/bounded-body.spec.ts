import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
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

describe('a budget', () => {
  it('is of all bodies together, and has again what is released', async () => {
    const budget = new BodyBudget(100 * KIB);
    const [first, second] = [budget.share(), budget.share()];
    expect([first.take(60 * KIB), second.take(60 * KIB), second.take(40 * KIB), first.take(1)]).toEqual([true, false, true, false]);
    first.release();
    first.release();
    expect([second.take(60 * KIB), second.take(1)]).toEqual([true, false]);
  });

  it('ends a body that it has no room for', async () => {
    const budget = new BodyBudget(100 * KIB);
    budget.share().take(60 * KIB);
    const { body, request } = coming();
    const read = boundedBody(request, 1024 * KIB, budget.share());
    body.write(Buffer.alloc(30 * KIB));
    body.write(Buffer.alloc(30 * KIB));
    expect(await read).toBe('no-room');
    expect([body.isPaused(), body.listenerCount('data')]).toEqual([true, 0]);
  });

  it('is not outwitted by a body in very small parts', async () => {
    const { body, request } = coming();
    const read = boundedBody(request, 1024 * KIB, new BodyBudget(100 * KIB).share());
    for (let i = 0; i < 1_000; i++) body.write('x');
    expect(await read).toBe('no-room');
  });
});
