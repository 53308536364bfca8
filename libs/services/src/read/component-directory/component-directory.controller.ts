import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AnswerOf, ListAnswerOf, problemOf } from '@app/http';
import { type Instant, refuse } from '@app/kernel';
import { ReadModels } from '@app/read-store';
import { LiveOverlay } from '../../runtime/live-overlay.js';
import { refusals } from '../../refusals.js';
import { componentDirectory } from './component-directory.projection.js';
import { listComponents } from './component-directory.query.js';
import { Component, ComponentOfPath, ComponentQuery } from './component-directory.view.js';

export class ComponentAnswer extends AnswerOf(Component) {}
export class ComponentListAnswer extends ListAnswerOf(Component) {}

@Controller('services')
export class ComponentDirectoryController {
  constructor(
    private readonly reads: ReadModels,
    private readonly live: LiveOverlay,
  ) {}

  /**
   * GET /api/v1/infrastructure/services?after=f81724
   *
   * Every watched component, in the order of their kinds. While the log or PostgreSQL is down, what the API sees of them itself.
   * 503 `read.behind` when the table does not reach `after` in time.
   */
  @Get()
  @ApiOperation({ operationId: 'listServices' })
  @ApiOkResponse({ type: ComponentListAnswer })
  async list(@Query() query: ComponentQuery): Promise<ComponentListAnswer> {
    const answer = await this.reads.answer(componentDirectory, query, (db) => listComponents(db, now()));
    return { ...answer, data: this.live.over(answer.data) };
  }

  /**
   * GET /api/v1/infrastructure/services/nats -- or 404 `services.component-unknown`.
   *
   * Taken from the list: there are few, and so each can still be had from its snapshot when PostgreSQL is down.
   */
  @Get(':component_id')
  @ApiOperation({ operationId: 'getService' })
  @ApiOkResponse({ type: ComponentAnswer })
  async get(@Param() { component_id }: ComponentOfPath, @Query() query: ComponentQuery): Promise<ComponentAnswer> {
    const { data: all, ...answer } = await this.list(query);
    const data = all.find((one) => one.component_id === component_id);
    if (data === undefined) throw problemOf(refusals, refuse('services.component-unknown', { component_id }));
    return { ...answer, data };
  }
}

const now = (): Instant => new Date().toISOString() as Instant;
