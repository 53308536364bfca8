import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AnswerOf, MayAs, problemOf } from '@app/http';
import { refuse } from '@app/kernel';
import { ReadModels } from '@app/read-store';
import { refusals } from '../../refusals.js';
import { callLog } from './call-log.projection.js';
import { getCall } from './call-log.query.js';
import { Call, CallPath, CallQuery } from './call-log.view.js';

export class CallAnswer extends AnswerOf(Call) {}

@Controller('calls')
export class CallController {
  constructor(private readonly reads: ReadModels) {}

  /**
   * GET /api/v1/infrastructure/calls/01KGZ2J5V7C2M8N4P6Q1S3T5VW -- or 404 `federation.call-unknown`.
   *
   * The newest of that id, should whoever calls have used it more than once; all of them are among the calls of their peers.
   * `caller_name` is null to viewers, who do not see the list of tokens either.
   */
  @Get(':call_id')
  @ApiOperation({ operationId: 'getCall', summary: 'One A2A call' })
  @ApiOkResponse({ type: CallAnswer })
  async get(@Param() { call_id }: CallPath, @Query() query: CallQuery, @MayAs('operator') withNames: boolean): Promise<CallAnswer> {
    const asked = { ...query, call_id };
    const { data, ...answer } = await this.reads.answer(callLog, asked, (db) => getCall(db, call_id, { withNames }));
    if (data === null) throw problemOf(refusals, refuse('federation.call-unknown', { call_id }));
    return { ...answer, data };
  }
}
