import { type ArgumentsHost, Controller, Get, HttpException, Logger } from '@nestjs/common';
import { LogCapture, testAppOf } from '@app/http/testing';
import { ProblemFilter } from './problem.filter.js';

/** What becomes of something thrown while a request of this method is answered. */
function answered(method: string, thrown: unknown): { next: string } {
  let sent: unknown;
  const reply = { header: () => reply, status: () => reply, type: () => reply, send: (body: object) => (sent = body) };
  const http = { getRequest: () => ({ method }), getResponse: () => reply };
  new ProblemFilter().catch(thrown, { switchToHttp: () => http } as unknown as ArgumentsHost);
  return sent as { next: string };
}

it.each(['event-store.unavailable', 'read-store.unavailable'])('%s: only who sent a command is told of its Idempotency-Key', (code) => {
  const thrown = Object.assign(new Error('it does not answer'), { code });
  expect(answered('GET', thrown)).toMatchObject({ code, status: 503, next: 'Look at Service Health, and ask again.' });
  expect(answered('POST', thrown).next).toContain('Idempotency-Key');
});

it('says with every 503 when to come again', () => {
  const sent = new Map<string, string>();
  const reply = {
    header: (name: string, value: string) => sent.set(name, value),
    status: () => reply,
    type: () => reply,
    send: () => reply,
  };
  const http = { getRequest: () => ({ method: 'GET' }), getResponse: () => reply };
  const answer = (thrown: unknown) => new ProblemFilter().catch(thrown, { switchToHttp: () => http } as unknown as ArgumentsHost);
  answer(new HttpException('gone', 404));
  expect([...sent]).toEqual([]);
  for (const thrown of [Object.assign(new Error('silent'), { code: 'read-store.unavailable' }), new HttpException('full', 503)]) {
    sent.clear();
    answer(thrown);
    expect([...sent]).toEqual([['Retry-After', '1']]);
  }
});

it('logs whatever becomes a 500 with its code, and tells nothing of it outside', async () => {
  @Controller('broken')
  class Broken {
    @Get() fail(): never {
      throw Object.assign(new Error('bind message supplies 1 parameters'), { code: '08P01' });
    }
  }
  const capture = new LogCapture();
  const endpoint = await testAppOf([Broken], [], capture);
  const { status, text } = await endpoint.ask('GET', 'broken');
  await endpoint.close();
  expect([status, text.includes('bind message'), text.includes('08P01')]).toEqual([500, false, false]);
  expect(capture.text).toContain('bind message supplies 1 parameters');
  expect(capture.text).toContain('08P01');
});

it.each([200, 404, 500])('lets no cache keep an answer of the API, of status %s', async (status) => {
  @Controller('kept')
  class Kept {
    @Get() answer(): object {
      if (status !== 200) throw new HttpException('no', status);
      return { token: 'secret' };
    }
  }
  const app = await testAppOf([Kept], []);
  const answer = await app.ask('GET', 'kept');
  await app.close();
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([status, 'no-store']);
});

it('does not log what is the fault of the request, or an outage', () => {
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  answered('GET', new HttpException('gone', 404));
  answered('GET', Object.assign(new Error('silent'), { code: 'read-store.unavailable' }));
  expect(error).not.toHaveBeenCalled();
  error.mockRestore();
});

it.each(['event-store.disk-full', 'event-store.reserve', 'read-store.disk-full'])('%s is a 503 that says what to do', (code) => {
  const thrown = Object.assign(new Error('The disk is full: no space left on device.'), { code });
  expect(answered('POST', thrown)).toMatchObject({
    status: 503,
    code,
    detail: thrown.message,
    next: expect.stringMatching(/^(Free space|Set FACTS_MAX_BYTES)/),
  });
});
