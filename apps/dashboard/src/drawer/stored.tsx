import type { StoredEvent } from '../contract.js';

/** Headers and body as the log keeps them. Regions of their own, since they may have to be scrolled by keyboard. */
export const Stored = ({ event: { headers, body, size }, short = false }: { event: StoredEvent; short?: boolean }) => (
  <div className="grid grid-cols-1 gap-3">
    <Block name="Headers" text={headers} short={short} />
    <Block
      name="Body"
      text={body}
      short={short}
      note={`${size} ${size === 1 ? 'byte' : 'bytes'}${isCut(body, size) ? `, shown: the first ${body.length} characters` : ''}`}
    />
  </div>
);

const isCut = (body: string, size: number): boolean => new TextEncoder().encode(body).length < size;

const Block = ({ name, text, note, short }: { name: string; text: string; note?: string; short: boolean }) => (
  <div>
    <h3 className="mb-1 flex items-baseline justify-between gap-3 font-medium">
      {name}
      {note !== undefined && <span className="text-xs font-normal text-faint">{note}</span>}
    </h3>
    <pre
      tabIndex={0}
      role="region"
      aria-label={name}
      className={`overflow-auto rounded-md border border-line bg-paper p-2.5 font-mono text-xs leading-[18px] ${short ? 'max-h-28' : 'max-h-96'}`}
    >
      {text === '' ? <span className="text-faint">none</span> : text}
    </pre>
  </div>
);
