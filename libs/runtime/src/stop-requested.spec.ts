import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Registers late or at once, notes each call, and ends by itself 300 ms after the first. */
const PROGRAM = `
  await import('./libs/runtime/testing/typescript.mjs');
  const { onStopRequested } = await import('./libs/runtime/src/stop-requested.ts');
  const listen = () => {
    onStopRequested((reason) => { console.log('stop: ' + reason); setTimeout(() => clearInterval(life), 300); });
    console.log('listening');
  };
  const life = setInterval(() => undefined, 1000);
  if (process.argv[1] === 'late') process.once('disconnect', () => setTimeout(listen, 50));
  else listen();
  console.log('up');`;

let running: ChildProcess | undefined;
afterEach(() => void running?.kill('SIGKILL'));

async function program(
  how: 'at once' | 'late',
): Promise<{ child: ChildProcess; said: () => string; says: (words: string) => Promise<void> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, how], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  running = child;
  let said = '';
  child.stdout!.on('data', (chunk) => (said += String(chunk)));
  const says = async (words: string): Promise<void> => {
    while (!said.includes(words)) await once(child.stdout!, 'data');
  };
  await says('up');
  return { child, said: () => said, says };
}
const stops = (said: string): string[] => said.split('\n').filter((line) => line.startsWith('stop'));

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s asks once, and copies change nothing', async (signal) => {
  const { child, said, says } = await program('at once');
  child.kill(signal);
  await says('stop');
  child.kill(signal);
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(stops(said())).toEqual([`stop: ${signal}`]);
});

it.each(['at once', 'late'] as const)('a starter that is gone asks, listened for %s', async (how) => {
  const { child, said, says } = await program(how);
  const ended = once(child, 'exit'); // "close" does not come after disconnect()
  child.disconnect();
  await says('stop');
  expect(await ended).toEqual([0, null]);
  expect(stops(said())).toEqual(['stop: the starter is gone']);
});
