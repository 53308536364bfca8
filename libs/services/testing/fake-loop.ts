import { OwnLoop } from '../src/runtime/own-loop.js';

/** Late by what a test says. */
export class FakeLoop extends OwnLoop {
  latenessMs = 0;

  watch(): () => number {
    return () => this.latenessMs;
  }
}
