import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { Browser, Places } from '@app/event-store';
import { CallerRole, ListAnswerOf, type Role, mayReadSubject, problemOf } from '@app/http';
import { type Instant, refuse } from '@app/kernel';
import { type ParkedObservation, type ProjectionObservation, Projections } from '@app/read-store';
import { refusals } from '../../refusals.js';
import { ParkedEntry, ParkedQuery, ProjectionEntry, ProjectionNamed, healthOfProjection } from './projection-list.view.js';

export class ProjectionListAnswer extends ListAnswerOf(ProjectionEntry) {}
export class ParkedListAnswer extends ListAnswerOf(ParkedEntry) {}

@Controller('projections')
export class ProjectionListController {
  constructor(
    private readonly projections: Projections,
    private readonly browser: Browser,
    private readonly places: Places,
  ) {}

  /**
   * GET /api/v1/infrastructure/projections
   *
   * Every read model and roll-up: how far it is, what stands still in it, and whether it is being rebuilt. Read from the log and the
   * checkpoints, so it answers while any of them stands still.
   */
  @Get()
  @ApiOperation({ operationId: 'listProjections', summary: 'How far the read models are' })
  @ApiOkResponse({ type: ProjectionListAnswer })
  async list(): Promise<ProjectionListAnswer> {
    return this.answer((await this.projections.list()).map((seen) => entryOf(seen, this.places)));
  }

  /**
   * GET /api/v1/infrastructure/projections/peer_directory/parked?limit=50
   *
   * The rows and subjects that stand still, the oldest first, each with the event that could not be used; those of
   * the context `access` for admins only. 404 `log.projection-unknown`.
   */
  @Get(':name/parked')
  @ApiParam({ name: 'name' })
  @ApiOperation({ operationId: 'listParked', summary: 'What stands still in one read model' })
  @ApiOkResponse({ type: ParkedListAnswer })
  async parked(@Param() { name }: ProjectionNamed, @Query() { limit }: ParkedQuery, @CallerRole() role: Role): Promise<ParkedListAnswer> {
    if (!this.projections.has(name)) throw problemOf(refusals, refuse('log.projection-unknown', { name }));
    const parked = (await this.projections.parked(name, limit)).filter(({ subject }) => mayReadSubject(role, subject));
    return this.answer(await Promise.all(parked.map((one) => this.entryOf(one))));
  }

  /** Read from the log itself: what is said is never behind. */
  private answer<T>(data: T[]) {
    return { data, as_of: new Date().toISOString() as Instant, position: this.places.token({ facts: 0 }), lag_ms: 0, warnings: [] };
  }

  private async entryOf({ stream, position, release, ...parked }: ParkedObservation): Promise<ParkedEntry> {
    const event = await this.browser.at(stream, position);
    const code = event?.unreadable?.code;
    const voidable = stream !== 'telemetry' && code !== undefined && code !== 'event.unknown' && event?.voided !== true;
    return { ...parked, position: this.places.token({ [stream]: position }), release, voidable, hash: event?.hash ?? null };
  }
}

const entryOf = ({ building, rebuilt, ...seen }: ProjectionObservation, places: Places): ProjectionEntry => ({
  name: seen.name,
  kind: seen.kind,
  version: seen.version,
  stream: seen.stream,
  state: seen.state ?? 'not_running',
  health: healthOfProjection({ state: seen.state ?? 'not_running', parked: seen.parked }),
  position: places.token({ [seen.stream]: seen.position }),
  lag_events: seen.lag_events,
  lag_seconds: seen.lag_seconds,
  parked: seen.parked,
  error: seen.error,
  needs_release: seen.needs_release,
  building: building && {
    position: places.token({ [seen.stream]: building.position }),
    target: places.token({ [seen.stream]: building.target }),
  },
  rebuilt: rebuilt && { rows: rebuilt.rows, differences: rebuilt.differences, parked: rebuilt.parked, ended_at: rebuilt.ended_at },
});
