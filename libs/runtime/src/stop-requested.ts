const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls back once, when this process is to end: a signal, or the starter that it belongs to (`npm start`) is gone. What comes
 * after that is ignored, so that the second copy of a Ctrl-C does not disturb the drain.
 */
export function onStopRequested(stop: (reason: string) => void): void {
  let asked = false;
  const ask = (reason: string): void => {
    if (asked) return;
    asked = true;
    stop(reason);
  };
  for (const signal of SIGNALS) process.on(signal, () => ask(signal));
  const GONE = 'the starter is gone';
  if (process.connected === false) ask(GONE); // undefined when there never was one
  process.once('disconnect', () => ask(GONE));
  process.channel?.unref(); // listening on it must not keep a drained process alive
}
