import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Command, Roles, Takes, problemOf } from '@app/http';
import { refuse } from '@app/kernel';
import { Projections } from '@app/read-store';
import { askProjector } from '../../ask-projector.adapter.js';
import { refusals } from '../../refusals.js';
import { RetryProjection } from './retry-projection.command.js';
import { RetryOutcome } from './retry-projection.view.js';

@Controller('projections')
export class RetryProjectionController {
  constructor(private readonly projections: Projections) {}

  /**
   * POST /api/v1/infrastructure/projections/peer_directory/retry `{"unit": "row", "value": "peer-3f2a"}`, or `{}` for all
   *
   * Folds parked rows again, from their first event, and answers how many go on. 404 `log.projection-unknown`, 409
   * `log.projection-is-rollup`, 503 `log.projector-not-running`. Safe to repeat.
   */
  @Post(':name/retry')
  @HttpCode(200)
  @Roles('operator')
  @Takes(RetryProjection, 'name')
  @ApiOperation({ operationId: 'retryProjection', summary: 'Fold parked rows again' })
  @ApiOkResponse({ type: RetryOutcome })
  async retry(@Command() { name, unit, value }: RetryProjection): Promise<RetryOutcome> {
    if (!this.projections.has(name)) throw problemOf(refusals, refuse('log.projection-unknown', { name }));
    const only = unit === undefined || value === undefined ? undefined : { unit, value };
    return askProjector(name, () => this.projections.retry(name, only));
  }
}
