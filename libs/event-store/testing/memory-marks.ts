import { LogMarks, type LogRecord, type Mark, MarksUnavailable, type StreamMark } from '@app/event-store';
import type { KeptStream } from '@app/event-store';

/** Marks as PostgreSQL keeps them, in memory: shared by all stores of a test that are given the same one. */
export class MemoryMarks extends LogMarks {
  record: LogRecord | null = null;
  /** What readers of a stream say when the first record is made. */
  read_: Partial<Record<KeptStream, number>> = {};
  isDown = false;

  async read(): Promise<LogRecord | null> {
    this.assertUp();
    return this.record;
  }

  async create(record: LogRecord): Promise<void> {
    this.assertUp();
    this.record ??= record;
  }

  async raise(stream: KeptStream, incarnation: string, mark: Mark): Promise<void> {
    this.assertUp();
    const known = this.of(stream);
    if (known?.incarnation === incarnation && known.state === 'open' && known.mark.sequence < mark.sequence) this.put(stream, { mark });
  }

  async settle(stream: KeptStream, incarnation: string, trouble: StreamMark['trouble']): Promise<void> {
    this.assertUp();
    const known = this.of(stream);
    if (known?.incarnation !== incarnation || known.state === 'accepting') return;
    this.put(stream, { state: trouble === null ? 'open' : 'rewound', trouble });
  }

  async resume(stream: KeptStream, from: string, begun: Pick<StreamMark, 'incarnation' | 'begins_after'>): Promise<void> {
    this.assertUp();
    if (this.of(stream)?.incarnation !== from) return;
    this.put(stream, { ...begun, mark: { sequence: begun.begins_after, stored_at: null, message: null }, state: 'open', trouble: null });
  }

  async highestRead(stream: KeptStream): Promise<number> {
    this.assertUp();
    return this.read_[stream] ?? 0;
  }

  private of(stream: KeptStream): StreamMark | undefined {
    return this.record?.streams[stream];
  }

  put(stream: KeptStream, changed: Partial<StreamMark>): void {
    if (this.record === null) throw new Error('nothing is known yet');
    this.record = { ...this.record, streams: { ...this.record.streams, [stream]: { ...this.record.streams[stream], ...changed } } };
  }

  private assertUp(): void {
    if (this.isDown) throw new MarksUnavailable('the marks cannot be had');
  }
}
