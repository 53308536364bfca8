import type { Decoded } from './decoder.js';
import type { Recorded } from './envelope.js';
import type { UnreadableSubject, FactReader } from './event-subscription.js';

/** A message as a feed hands it on. */
export interface Told {
  readonly subject: string;
  readonly position: number;
  readonly decoded: Decoded;
}

/** Which aggregates a reader follows, and which it must refuse. See `FactReader` for the two states of each. */
export class ReadableAggregates {
  private readonly subjects = new Set<string>();

  constructor(private readonly reader: FactReader) {}

  /** Hands one message to the reader, or withholds it. */
  tell({ subject, position, decoded }: Told): void {
    if (this.subjects.has(subject)) return;
    switch (decoded.is) {
      case 'event':
        return this.hear(subject, decoded.event);
      case 'newer':
        return this.unreadable(subject, {
          position,
          code: 'event.unknown',
          detail: `Release ${decoded.release} wrote it; upgrade this process.`,
        });
      case 'unreadable':
        return this.unreadable(subject, { position, code: decoded.code, detail: decoded.detail });
      case 'voided':
    }
  }

  /** Whether the reader refuses this aggregate. */
  has(subject: string): boolean {
    return this.subjects.has(subject);
  }

  /** Follows an aggregate anew. The caller tells every message of its subject, from the first. */
  clear(subject: string): void {
    this.subjects.delete(subject);
    this.reader.again(subject);
  }

  private hear(subject: string, fact: Recorded): void {
    try {
      this.reader.hear(fact);
    } catch (error) {
      this.unreadable(subject, { position: fact.position, code: 'fold.threw', detail: String(error) });
    }
  }

  private unreadable(subject: string, unreadable: UnreadableSubject): void {
    this.subjects.add(subject);
    this.reader.unreadable(subject, unreadable);
  }
}
