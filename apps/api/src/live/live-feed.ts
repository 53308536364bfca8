import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Subject } from 'rxjs';
import { Position, type Stream, messageOf } from '@app/kernel';
import type { Announcement, Answer, Model, Progress, ReadModels } from '@app/read-store';

/** One kind of thing on the page, and how it is read again when a row of it changed. */
export interface LiveSection {
  readonly section: string;
  /** A change of any of these is a change of the thing whose id is the row's key, or what `idOf` makes of it. */
  readonly models: readonly Model[];
  readonly idOf?: (key: string) => string;
  readonly get: (reads: ReadModels, id: string) => Promise<Answer<object | null>>;
}

/** One thing as it is now; `data` null: it is gone. */
export interface Patch {
  readonly section: string;
  readonly id: string;
  readonly position: string;
  readonly data: object | null;
}
/** A verdict ends what changed at once, and alone bears the id: whoever was cut off in the middle resumes before all of it. */
export type Frame =
  | { readonly event: 'patch'; readonly data: Patch }
  | { readonly event: 'reset'; readonly data: { readonly section: string } }
  | { readonly event: 'verdict'; readonly data: object; readonly id: string };

/** Changes that come in this time are read and sent together. */
const GATHER_MS = 100;
const REMEMBERED = 1_000;
const BEGINNING = new Position({ facts: 0 }).format();

/**
 * What changes on the page, read once however many look at it. The projector says which rows changed after it committed them; they
 * are read again here, and whoever listens gets them as patches. An id is how far the feed has got, and where it can be resumed
 * while what follows is remembered.
 */
@Injectable()
export class LiveFeed implements OnModuleDestroy {
  readonly frames = new Subject<Frame>();
  private readonly log = new Logger(LiveFeed.name);
  private readonly remembered: Frame[] = [];
  private sent = BEGINNING;
  private readonly positions: Partial<Record<Stream, number>> = {};
  private readonly logs: Partial<Record<Stream, string>> = {};
  private readonly changed = new Map<LiveSection, Set<string> | 'all'>();
  private readonly stopListening: () => void;
  private gathering: NodeJS.Timeout | undefined;
  private flushing = Promise.resolve();

  constructor(
    progress: Progress,
    private readonly reads: ReadModels,
    private readonly sections: readonly LiveSection[],
    private readonly verdict: () => Promise<object>,
  ) {
    this.stopListening = progress.onChange((said) => this.note(said));
  }

  /** How far the feed has got: every change up to here was sent. */
  get position(): string {
    return this.sent;
  }

  /** What was sent after `lastId`; undefined: that is too long ago, or was never sent. */
  since(lastId: string): readonly Frame[] | undefined {
    // The first of that id: a position is said again when something changed that has none, and what is sent twice does no harm.
    const at = this.remembered.findIndex((frame) => frame.event === 'verdict' && frame.id === lastId);
    return at < 0 ? undefined : this.remembered.slice(at + 1);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopListening();
    clearTimeout(this.gathering);
    await this.flushing;
    this.frames.complete();
  }

  /** All of a section is to be read again, for a reason that no row has. */
  reset(section: string): void {
    for (const one of this.sections) if (one.section === section) this.changed.set(one, 'all');
    this.gather();
  }

  private note({ table, stream, position, log, keys }: Announcement): void {
    this.positions[stream] = Math.max(position, this.positions[stream] ?? 0);
    if (log !== undefined) this.logs[stream] = log;
    for (const section of this.sections) {
      if (!section.models.some((model) => model.table === table)) continue;
      if (keys?.length === 0) continue;
      const before = this.changed.get(section) ?? new Set<string>();
      if (keys === null || before === 'all') this.changed.set(section, 'all');
      else this.changed.set(section, new Set([...before, ...keys.map(section.idOf ?? String)]));
    }
    if (this.changed.size > 0) this.gather();
  }

  private gather(): void {
    this.gathering ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  private flush(): void {
    this.gathering = undefined;
    const changed = [...this.changed];
    const id = Object.keys(this.positions).length === 0 ? BEGINNING : new Position(this.positions, this.logs).format();
    this.changed.clear();
    this.flushing = this.flushing
      .then(() => this.send(changed, id))
      .catch((error: unknown) => {
        this.log.debug(`changes could not be read: ${messageOf(error)}`);
        for (const [{ section }] of changed) this.emit({ event: 'reset', data: { section } }); // Let readers ask for themselves.
      });
  }

  private async send(changed: [LiveSection, Set<string> | 'all'][], id: string): Promise<void> {
    for (const [{ section, get }, ids] of changed) {
      if (ids === 'all') this.emit({ event: 'reset', data: { section } });
      else
        for (const one of ids) {
          const { data, position } = await get(this.reads, one);
          this.emit({ event: 'patch', data: { section, id: one, position, data } });
        }
    }
    this.emit({ event: 'verdict', id, data: await this.verdict() });
    this.sent = id;
  }

  private emit(frame: Frame): void {
    this.remembered.push(frame);
    if (this.remembered.length > REMEMBERED) this.remembered.shift();
    this.frames.next(frame);
  }
}
