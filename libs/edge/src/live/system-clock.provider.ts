import { Injectable } from '@nestjs/common';
import { Clock } from './clock.js';

/** The time of this machine. */
@Injectable()
export class SystemClock extends Clock {
  nowMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  }
}
