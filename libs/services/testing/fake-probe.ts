import type { Probe } from '../src/runtime/probe.js';
import type { Reading } from '../src/runtime/reading.js';
import { good } from './course.js';

/** Answers what a test says, and counts. */
export class FakeProbe implements Probe {
  looks = 0;
  running = 0;
  isClosed = false;
  isIndirect = false;
  reading: Reading | null | Error | 'silence' = good();

  async look(signal: AbortSignal): Promise<Reading | null> {
    this.looks++;
    if (this.reading === 'silence') {
      this.running++;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      this.running--;
      return good(); // Too late to count.
    }
    if (this.reading instanceof Error) throw this.reading;
    return this.reading;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}
