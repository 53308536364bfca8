import type { IncomingHttpHeaders } from 'node:http';
import { elementsOf, firstOf, membersOf, parseOr } from './json-span.js';
import { stringsOf } from './request.js';

/** What is read of an answer while its bytes pass on. */
export interface ParsedAnswer {
  /** Whether it says that the request failed, whatever its HTTP status: a JSON-RPC error, or a stream that ends with one. */
  readonly isError: boolean;
  /** Of the JSON-RPC error; null: none, or it has none that is a whole number. */
  readonly rpcErrorCode: number | null;
  readonly taskId: string | null;
  readonly contextId: string | null;
  /** Events of a stream so far; null: it is none. */
  readonly sseEvents: number | null;
}

/** Looks at the bytes of an answer as they pass. It keeps some of them, and changes none. */
export interface AnswerReader {
  push(chunk: Buffer): void;
  /** What was seen so far. */
  read(): ParsedAnswer;
  /** Whether it is a stream of events. */
  readonly isStream: boolean;
  /** Whether a comment may be written now without falling into an event; never, unless it is a stream of events. */
  readonly isBetweenEvents: boolean;
}

/** How much of an answer, or of one event, is looked at. An error, and the ids of a task, stand at its beginning. */
export const LOOKED_AT_BYTES = 64 * 1024;

/** By what the answer says it is; what is neither JSON nor a stream of events, or is compressed, is not looked into. */
export function answerReaderOf(headers: Pick<IncomingHttpHeaders, 'content-type' | 'content-encoding'>): AnswerReader {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding !== '' && encoding !== 'identity') return new JsonReader(0);
  if (type === 'text/event-stream') return new EventStreamReader();
  return new JsonReader(type === 'application/json' || type.endsWith('+json') ? LOOKED_AT_BYTES : 0);
}

class JsonReader implements AnswerReader {
  readonly isStream = false;
  readonly isBetweenEvents = false;
  private readonly head: Buffer[] = [];
  private capacity: number;

  constructor(lookedAtBytes: number) {
    this.capacity = lookedAtBytes;
  }

  push(chunk: Buffer): void {
    if (this.capacity <= 0) return;
    this.head.push(chunk.length > this.capacity ? chunk.subarray(0, this.capacity) : chunk);
    this.capacity -= chunk.length;
  }

  read(): ParsedAnswer {
    const [only, ...more] = this.head;
    if (only === undefined) return { ...NOTHING, sseEvents: null };
    return { ...readAnswer((more.length === 0 ? only : Buffer.concat(this.head)).toString('utf8')), sseEvents: null };
  }
}

/** Lines end with LF or CRLF, as everybody writes them. Where they end with CR alone no event is counted, and no comment written. */
class EventStreamReader implements AnswerReader {
  readonly isStream = true;
  private events = 0;
  /** The line that has not ended yet: its beginning. */
  private line = '';
  private isStartOfLine = true;
  private isWithinEvent = false;
  private type = '';
  private data = '';
  private first: string | undefined;
  private last: { readonly type: string; readonly data: string } | undefined;

  get isBetweenEvents(): boolean {
    return this.isStartOfLine && !this.isWithinEvent;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, from)) {
      this.keep(chunk, from, end);
      this.endLine();
      from = end + 1;
    }
    if (from === chunk.length) return;
    this.keep(chunk, from, chunk.length);
    this.isStartOfLine = false;
  }

  read(): ParsedAnswer {
    const first = readAnswer(utf8(this.first ?? ''));
    const last = this.events > 1 ? readAnswer(utf8(this.last?.data ?? '')) : first;
    const isError = last.isError || this.last?.type === 'error';
    const { rpcErrorCode } = last;
    return { isError, rpcErrorCode, taskId: first.taskId, contextId: first.contextId, sseEvents: this.events };
  }

  private keep(chunk: Buffer, from: number, to: number): void {
    const capacity = LOOKED_AT_BYTES - this.line.length;
    if (capacity > 0) this.line += chunk.toString('latin1', from, Math.min(to, from + capacity));
  }

  private endLine(): void {
    const line = this.line.endsWith('\r') ? this.line.slice(0, -1) : this.line;
    this.line = '';
    this.isStartOfLine = true;
    if (line === '') this.endEvent();
    else this.field(line);
  }

  private field(line: string): void {
    this.isWithinEvent = true;
    if (line.startsWith('data:')) {
      if (this.data.length < LOOKED_AT_BYTES) this.data += `${line.slice('data:'.length)}\n`;
    } else if (line.startsWith('event:')) this.type = line.slice('event:'.length).trim();
  }

  /** What had no data was a comment, and is no event. */
  private endEvent(): void {
    const { type, data } = this;
    this.isWithinEvent = false;
    this.type = '';
    this.data = '';
    if (data === '') return;
    this.events += 1;
    this.first ??= data;
    this.last = { type, data };
  }
}

const LF = 0x0a;
const NOTHING = { isError: false, rpcErrorCode: null, taskId: null, contextId: null } as const;
type Said = Omit<ParsedAnswer, 'sseEvents'>;

/** Bytes that were kept as characters, since a chunk may end within a character. */
const utf8 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

/** `text` may have been cut. */
function readAnswer(text: string): Said {
  if (firstOf(text) !== '[') return readOne(text, 0);
  let said: Said = NOTHING;
  for (const { from } of elementsOf(text)) {
    const one = readOne(text, from);
    if (one.isError && !said.isError) said = one; // A batch failed where one of it did.
  }
  return said;
}

function readOne(text: string, at: number): Said {
  for (const { key, from, to } of membersOf(text, at)) {
    if (key === 'error' && text[from] === '{') return { ...NOTHING, isError: true, rpcErrorCode: codeOf(text, from) };
    // Some name both, and give null to the one that is not.
    if (key === 'result' && text.slice(from, to) !== 'null') return { ...NOTHING, ...idsOf(text, from, to) };
  }
  return { ...NOTHING, ...idsOf(text, at, text.length) }; // Of HTTP+JSON, which has no envelope.
}

function codeOf(text: string, at: number): number | null {
  for (const { key, from, to } of membersOf(text, at)) {
    const code = key === 'code' ? parseOr(text.slice(from, to)) : undefined;
    if (Number.isSafeInteger(code)) return code as number;
  }
  return null;
}

/** In 1.0 a task, a message or an update stands under its name; in 0.3, and where a method answers nothing else, alone. */
const NAMED = ['task', 'message', 'statusUpdate', 'artifactUpdate'] as const;

function idsOf(text: string, from: number, to: number): Pick<ParsedAnswer, 'taskId' | 'contextId'> {
  if (from >= to) return { taskId: null, contextId: null };
  const { strings, nested } = stringsOf(text, from, ['id', 'taskId', 'contextId'], [...NAMED, 'status']);
  const name = NAMED.find((each) => nested[each] !== undefined && strings['contextId'] === undefined);
  const inner = name === undefined ? undefined : nested[name];
  if (inner === undefined)
    return { taskId: strings['taskId'] ?? (nested['status'] && strings['id']) ?? null, contextId: strings['contextId'] ?? null };
  const named = stringsOf(text, inner.from, ['id', 'taskId', 'contextId']).strings;
  return { taskId: named['taskId'] ?? (name === 'task' ? named['id'] : undefined) ?? null, contextId: named['contextId'] ?? null };
}
