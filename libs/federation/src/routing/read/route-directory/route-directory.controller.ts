import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ListAnswerOf } from '@app/http';
import { ReadModels } from '@app/read-store';
import { routeDirectory } from './route-directory.projection.js';
import { listRoutes } from './route-directory.query.js';
import { Route, RouteListQuery } from './route-directory.view.js';

export class RouteListAnswer extends ListAnswerOf(Route) {}

@Controller('routes')
export class RouteDirectoryController {
  constructor(private readonly reads: ReadModels) {}

  /**
   * GET /api/v1/infrastructure/routes?after=f81724
   *
   * Every routing rule, in the order in which they are tried; there are at most 500. 503 `read.behind` when the table does not reach
   * `after` in time.
   */
  @Get()
  @ApiOperation({ operationId: 'listRoutes', summary: 'The routing rules, in their order' })
  @ApiOkResponse({ type: RouteListAnswer })
  list(@Query() query: RouteListQuery): Promise<RouteListAnswer> {
    return this.reads.answer(routeDirectory, query, listRoutes);
  }
}
