import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { Roles, problemOf } from '@app/http';
import { refuse } from '@app/kernel';
import { Projections } from '@app/read-store';
import { askProjector } from '../../ask-projector.adapter.js';
import { refusals } from '../../refusals.js';
import { RebuildProjection } from './rebuild-projection.command.js';

@Controller('projections')
export class RebuildProjectionController {
  constructor(private readonly projections: Projections) {}

  /**
   * POST /api/v1/infrastructure/projections/peer_directory/rebuild
   *
   * Begins to build a read model anew from the log, beside the one that is read; when it is as far, it takes its place, and no read
   * fails. Answers 204 at once: `GET projections` shows how far it is. 404 `log.projection-unknown`, 409 `log.projection-is-rollup`,
   * 503 `log.projector-not-running`. Safe to repeat: one rebuild is under way at most.
   */
  @Post(':name/rebuild')
  @HttpCode(204)
  @Roles('admin')
  @ApiParam({ name: 'name' })
  @ApiOperation({ operationId: 'rebuildProjection', summary: 'Build a read model anew from the log' })
  @ApiNoContentResponse()
  async rebuild(@Param() { name }: RebuildProjection): Promise<void> {
    if (!this.projections.has(name)) throw problemOf(refusals, refuse('log.projection-unknown', { name }));
    await askProjector(name, () => this.projections.rebuild(name));
  }
}
