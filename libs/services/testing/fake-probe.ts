import type { Probe } from '../src/runtime/probe.js';
import type { ProbeResult } from '../src/runtime/probe-result.js';
import { good } from './status-history.js';

/** Answers what a test says, and counts. */
export class FakeProbe implements Probe {
  looks = 0;
  running = 0;
  isClosed = false;
  isIndirect = false;
  result: ProbeResult | null | Error | 'silence' = good();

  async look(signal: AbortSignal): Promise<ProbeResult | null> {
    this.looks++;
    if (this.result === 'silence') {
      this.running++;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      this.running--;
      return good(); // Too late to count.
    }
    if (this.result instanceof Error) throw this.result;
    return this.result;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}
