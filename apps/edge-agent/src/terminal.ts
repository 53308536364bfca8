/** What a process has around it, so that commands can run where there is none. */
export interface Terminal {
  env: Readonly<Record<string, string | undefined>>;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
  /** Aborts when it is to end. */
  stop: AbortSignal;
  /** Calls back at each wish for a restart, until what it answers is called. */
  onRestart(listener: () => void): () => void;
}

/**
 * The first SIGINT or SIGTERM ends it in order, the second has its usual effect. So ends it too when its terminal is closed, or the program
 * that started it, and holds a channel to it, is gone. Without a terminal SIGHUP is a wish for a restart, as with other services.
 */
export function terminalOf(process: NodeJS.Process): Terminal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  process.once('disconnect', () => stop.abort());
  process.channel?.unref();
  const restarts = new Set<() => void>();
  const { env, stdin, stdout, stderr } = process;
  const hasTerminal = stdin.isTTY || stderr.isTTY;
  process.on('SIGHUP', () => (hasTerminal ? stop.abort() : restarts.forEach((listener) => listener())));
  const onRestart = (listener: () => void): (() => void) => {
    restarts.add(listener);
    return () => void restarts.delete(listener);
  };
  return { env, stdin, stdout, stderr, stop: stop.signal, onRestart };
}
