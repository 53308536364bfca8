import { setTimeout as delay } from 'node:timers/promises';

/** Asks again, soon at first and then every 250 ms, until `holds` or the time is over. Says whether it held. */
export async function eventually(holds: () => boolean | Promise<boolean>, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 1.5, 250)) {
    if (await holds()) return true;
    if (performance.now() >= end) return false;
    await delay(pauseMs);
  }
}
