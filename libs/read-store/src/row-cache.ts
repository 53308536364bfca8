export type Row = Record<string, unknown>;

const MAX_ROWS = 20_000;

/**
 * The rows a projector touched lately. It alone writes them while it holds its epoch, so what it wrote is what is there; whoever
 * claims the checkpoint begins with an empty one. An absent row is remembered too.
 */
export class RowCache {
  private readonly rows = new Map<string, Row | undefined>();

  constructor(private readonly id: string) {}

  /** Loads those of `keys` that are not here, all in one go. */
  async load(keys: readonly string[], loader: (missing: string[]) => Promise<Row[]>): Promise<void> {
    this.makeSpace(keys);
    const missing = keys.filter((key) => !this.rows.has(key));
    if (missing.length === 0) return;
    for (const key of missing) this.rows.set(key, undefined);
    for (const row of await loader(missing)) this.rows.set(String(row[this.id]), row);
  }

  get(key: string): Row | undefined {
    return this.rows.get(key);
  }

  set(key: string, row: Row | undefined): void {
    this.rows.set(key, row);
  }

  clear(): void {
    this.rows.clear();
  }

  /** The longest unused go first: what a batch needs is moved to the end of the map's order. */
  private makeSpace(keys: readonly string[]): void {
    for (const key of keys) {
      if (!this.rows.has(key)) continue;
      const row = this.rows.get(key);
      this.rows.delete(key);
      this.rows.set(key, row);
    }
    for (const key of this.rows.keys()) {
      if (this.rows.size <= MAX_ROWS) return;
      this.rows.delete(key);
    }
  }
}
