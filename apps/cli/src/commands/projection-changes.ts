import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from '../api.js';
import type { Projection, RetryOutcome } from '../contract.js';
import type { Context } from '../context.js';
import { EXIT, Failure, failure } from '../failure.js';
import { details } from '../view/table.js';
import { span } from '../view/words.js';
import { isOfTheMoment } from './passing.js';
import { live } from './read-back.js';

interface RetryOptions {
  row?: string;
  subject?: string;
}

/** `ap infrastructure projections retry`: ends with 1 when something stays parked. */
export async function retryProjection(context: Context, { row, subject }: RetryOptions, name: string): Promise<number> {
  if (row !== undefined && subject !== undefined)
    throw failure('cli.usage', '--row and --subject exclude each other', 'give one of them, or none to retry everything that is parked');
  const unit = row === undefined ? (subject === undefined ? {} : { unit: 'subject', value: subject }) : { unit: 'row', value: row };
  const { output } = context;
  const { released, parked } = await (await context.api()).ask<RetryOutcome>(pathOf(name, 'retry'), unit);
  output.data('ap.infra.projections.retry/v1', live({ projection: name, released, parked }), (canvas) =>
    details(
      [
        ['projection', name],
        ['released', String(released)],
        ['still parked', String(parked)],
      ],
      canvas,
    ),
  );
  if (released + parked === 0) output.hint('Nothing like that is parked.');
  if (parked === 0) return EXIT.answered;
  output.hint(`next: the cause is still there; see it: ap infrastructure projections parked ${name}`);
  return EXIT.failed;
}

/** `ap infrastructure projections rebuild`: with `--wait` until the new rows have replaced the old ones. */
export async function rebuildProjection(context: Context, { wait }: { wait?: number }, name: string): Promise<void> {
  const { output } = context;
  const api = await context.api();
  const before = wait === undefined ? null : ((await projectionOf(api, name))?.rebuilt ?? null);
  await api.send('POST', pathOf(name, 'rebuild'));
  if (wait === undefined) {
    output.data('ap.infra.projections.rebuild/v1', live({ projection: name, rebuilt: null }), (canvas) =>
      details([['rebuilding', name]], canvas),
    );
    return output.hint('Readers keep the old rows until the new ones have caught up. How far it is: ap infrastructure projections list');
  }
  const rebuilt = await new Rebuilding(context, api, name, before).within(wait);
  output.data('ap.infra.projections.rebuild/v1', live({ projection: name, rebuilt }), (canvas) =>
    details(
      [
        ['rebuilt', name],
        ['rows', String(rebuilt.rows)],
        ['differences', String(rebuilt.differences)],
        ['parked', String(rebuilt.parked)],
      ],
      canvas,
    ),
  );
}

type Rebuilt = NonNullable<Projection['rebuilt']>;

const POLL_MS = 1000;
const LIST = 'ap infrastructure projections list';
const pathOf = (name: string, verb: 'retry' | 'rebuild'): string => `/projections/${encodeURIComponent(name)}/${verb}`;

const projectionOf = async (api: Api, name: string): Promise<Projection | undefined> =>
  (await api.all<Projection>('/projections')).data.find((one) => one.name === name);

/** The projector opens the model again after a rebuild; until then it answers nothing about it. */
const isSilent = ({ state }: Projection): boolean => state === 'not_running' || state === 'starting';

/** Follows a rebuild until its rows are in use. */
class Rebuilding {
  private told = '';

  constructor(
    private readonly context: Context,
    private readonly api: Api,
    private readonly name: string,
    /** Outcome of the rebuild before this one. */
    private readonly before: Rebuilt | null,
  ) {}

  async within(waitMs: number): Promise<Rebuilt> {
    const { interrupted } = this.context.terminal;
    const over = AbortSignal.timeout(waitMs);
    const end = AbortSignal.any([over, interrupted]);
    for (;;) {
      const seen = await this.look();
      if (seen?.building === null && !isSilent(seen)) return this.outcomeOf(seen);
      if (seen !== undefined) this.tell(seen);
      await pause(POLL_MS, undefined, { signal: end }).catch(() => {});
      if (interrupted.aborted) throw failure('cli.interrupted', 'Interrupted while waiting', `the rebuild goes on; look yourself: ${LIST}`);
      if (over.aborted)
        throw failure(
          'cli.waited-in-vain',
          `${this.name} was not rebuilt within ${span(waitMs)}`,
          `the rebuild goes on, and readers keep the old rows; how far it is: ${LIST}`,
        );
    }
  }

  /** Undefined: the server is away for a moment, or the wait was interrupted. */
  private async look(): Promise<Projection | undefined> {
    try {
      return await projectionOf(this.api.afresh(), this.name);
    } catch (error) {
      if (error instanceof Failure && (isOfTheMoment(error) || this.context.terminal.interrupted.aborted)) return undefined;
      throw error;
    }
  }

  private tell({ building }: Projection): void {
    const words = building === null ? 'the new rows take their place' : `${building.position} of ${building.target}`;
    if (words !== this.told) this.context.output.hint(`Rebuilding ${this.name}: ${words}`);
    this.told = words;
  }

  private outcomeOf({ rebuilt }: Projection): Rebuilt {
    if (rebuilt !== null && rebuilt.ended_at !== this.before?.ended_at) return rebuilt;
    throw failure(
      'cli.rebuild-stopped',
      `The rebuild of ${this.name} ended without an outcome, and its rows are the old ones`,
      `the log of the projector has the cause; then: ${LIST}`,
    );
  }
}
