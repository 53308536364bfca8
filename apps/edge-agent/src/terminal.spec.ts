import { EventEmitter } from 'node:events';
import { terminalOf } from './terminal.js';

/** A process whose signals are the test's. */
function started({ stdin = false, stderr = false }: { stdin?: boolean; stderr?: boolean }) {
  const process = Object.assign(new EventEmitter(), { env: {}, stdin: { isTTY: stdin }, stdout: {}, stderr: { isTTY: stderr } });
  const terminal = terminalOf(process as unknown as NodeJS.Process);
  let restarts = 0;
  const forget = terminal.onRestart(() => restarts++);
  return { process, terminal, forget, restarts: () => restarts };
}

it.each(['SIGINT', 'SIGTERM', 'disconnect'])('%s ends it', (signal) => {
  const { process, terminal, restarts } = started({});
  process.emit(signal);
  expect([terminal.stop.aborted, restarts()]).toEqual([true, 0]);
  expect(process.listenerCount(signal)).toBe(0); // The second has its usual effect.
});

it.each([{ stdin: true }, { stderr: true }])('a terminal that is closed ends it, however often that is said: %j', (tty) => {
  const { process, terminal, restarts } = started(tty);
  for (let n = 0; n < 2; n++) expect(process.emit('SIGHUP')).toBe(true); // The kernel says it, and the shell.
  expect([terminal.stop.aborted, restarts()]).toEqual([true, 0]);
});

it('SIGHUP is a wish for a restart where there is no terminal', () => {
  const { process, terminal, forget, restarts } = started({});
  for (let n = 0; n < 2; n++) process.emit('SIGHUP');
  forget();
  process.emit('SIGHUP');
  expect([terminal.stop.aborted, restarts()]).toEqual([false, 2]);
});
