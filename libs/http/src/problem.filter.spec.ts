import type { ArgumentsHost } from '@nestjs/common';
import { ProblemFilter } from './problem.filter.js';

/** What becomes of something thrown while a request of this method is answered. */
function answered(method: string, thrown: unknown): { next: string } {
  let sent: unknown;
  const reply = { status: () => reply, type: () => reply, send: (body: object) => (sent = body) };
  const http = { getRequest: () => ({ method }), getResponse: () => reply };
  new ProblemFilter().catch(thrown, { switchToHttp: () => http } as unknown as ArgumentsHost);
  return sent as { next: string };
}

it.each(['event-store.unavailable', 'read-store.unavailable'])('%s: only who sent a command is told of its Idempotency-Key', (code) => {
  const thrown = Object.assign(new Error('it does not answer'), { code });
  expect(answered('GET', thrown)).toMatchObject({ code, status: 503, next: 'Look at Service Health, and ask again.' });
  expect(answered('POST', thrown).next).toContain('Idempotency-Key');
});
