import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ListAnswerOf, Roles } from '@app/http';
import { ReadModels } from '@app/read-store';
import { tokenDirectory } from './token-directory.projection.js';
import { listTokens } from './token-directory.query.js';
import { TokenDirectoryQuery, TokenEntry } from './token-directory.view.js';

export class TokenListAnswer extends ListAnswerOf(TokenEntry) {}

@Controller('tokens')
export class TokenDirectoryController {
  constructor(private readonly reads: ReadModels) {}

  /**
   * GET /api/v1/infrastructure/tokens?limit=50&after=f81724
   *
   * Every service token ever issued, the newest first, revoked and expired ones included. For admins.
   * 503 `read.behind` when the table does not reach `after` in time.
   */
  @Get()
  @ApiOperation({ operationId: 'listTokens' })
  @Roles('admin')
  @ApiOkResponse({ type: TokenListAnswer })
  async list(@Query() query: TokenDirectoryQuery): Promise<TokenListAnswer> {
    const { data, ...answer } = await this.reads.answer(tokenDirectory, query, (db) => listTokens(db, query));
    const { tokens, ...next } = data;
    return { ...answer, data: tokens, ...next };
  }
}
