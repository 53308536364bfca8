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
 * The first SIGINT or SIGTERM ends it in order, the second has its usual effect; SIGHUP is a wish for a restart. So ends it too when the
 * program that started it, and holds a channel to it, is gone.
 */
export function terminalOf(process: NodeJS.Process): Terminal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  process.once('disconnect', () => stop.abort());
  process.channel?.unref();
  const restarts = new Set<() => void>();
  process.on('SIGHUP', () => restarts.forEach((listener) => listener()));
  const { env, stdin, stdout, stderr } = process;
  const onRestart = (listener: () => void): (() => void) => {
    restarts.add(listener);
    return () => void restarts.delete(listener);
  };
  return { env, stdin, stdout, stderr, stop: stop.signal, onRestart };
}
