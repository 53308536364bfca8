export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * Reads `text/event-stream`, chunk by chunk, wherever a chunk is cut. `lastEventId` is what a reconnect resumes from; it
 * moves when an event is complete, so that one which was cut off is asked for again.
 */
export class EventReader {
  lastEventId: string | null = null;
  private rest = '';
  private fields = { event: '', data: [] as string[], id: null as string | null };

  push(chunk: string): ServerEvent[] {
    const lines = (this.rest + chunk).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop()!;
    return lines.flatMap((line) => this.line(line) ?? []);
  }

  private line(line: string): ServerEvent | null {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.fields.event = value;
    else if (field === 'data') this.fields.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.fields.id = value;
    return null;
  }

  private dispatch(): ServerEvent | null {
    const { event, data, id } = this.fields;
    this.fields = { event: '', data: [], id: null };
    if (id !== null) this.lastEventId = id === '' ? null : id;
    return data.length === 0 ? null : { event: event === '' ? 'message' : event, data: data.join('\n') };
  }
}
