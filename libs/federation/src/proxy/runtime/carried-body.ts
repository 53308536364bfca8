/** The body of a request on its way, until nobody can ask for it any more: its answer may be a stream that lasts for hours. */
export class CarriedBody {
  /** Called once, when it is dropped. */
  onDrop: (() => void) | undefined;

  constructor(private held: Buffer) {}

  /** Nothing, when it was dropped. */
  get bytes(): Buffer {
    return this.held;
  }

  drop(): void {
    this.held = NOTHING;
    this.onDrop?.();
    this.onDrop = undefined;
  }
}

const NOTHING = Buffer.alloc(0);
