import { FakeClock } from '@app/kernel/testing';
import { LinkTiming } from '../src/peers/runtime/link-timing.js';

/** Time that passes when a test says so, and chance that is always the same. */
export class FakeTiming extends LinkTiming {
  override readonly clock = new FakeClock();

  constructor(readonly luck = 0.5) {
    super();
  }

  override chance(): number {
    return this.luck;
  }
}
