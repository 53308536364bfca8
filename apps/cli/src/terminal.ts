/** What a process has around it, so that `main` can run where there is none. */
export interface Terminal {
  env: Readonly<Record<string, string | undefined>>;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?(mode: boolean): unknown };
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number | undefined };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number | undefined };
  /** Aborted, with the name of the signal as its reason, when the user or the system wants an end. */
  interrupted: AbortSignal;
}

/** The first signal ends the command in order, the second has its usual effect. */
export function terminalOf(process: NodeJS.Process): Terminal {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort(signal));
  const { env, stdin, stdout, stderr } = process;
  return { env, stdin, stdout, stderr, interrupted: interruption.signal };
}
