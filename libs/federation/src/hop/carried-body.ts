/** The body of a request on its way, until nobody can ask for it any more: its answer may be a stream that lasts for hours. */
export class CarriedBody {
  constructor(private held: Buffer) {}

  /** Nothing, when it was dropped. */
  get bytes(): Buffer {
    return this.held;
  }

  drop(): void {
    this.held = NOTHING;
  }
}

const NOTHING = Buffer.alloc(0);
