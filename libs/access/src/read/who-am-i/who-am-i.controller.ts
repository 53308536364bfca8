import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { InstanceIdentity } from '@app/event-store';
import { AnyRole } from '@app/http';
import type { Instant } from '@app/kernel';
import { type SignedIn, SignedInAs } from '../../adapters/signed-in.adapter.js';
import { WhoAmI } from './who-am-i.view.js';

@Controller('session')
export class WhoAmIController {
  constructor(private readonly instance: InstanceIdentity) {}

  /**
   * GET /api/v1/infrastructure/session
   *
   * For tokens of every role and for sessions. No read model is behind it, so the answer has no envelope and works while everything else is down.
   */
  @Get()
  @AnyRole()
  @ApiOperation({ operationId: 'whoAmI' })
  @Header('Cache-Control', 'no-store')
  @ApiOkResponse({ type: WhoAmI })
  whoAmI(@SignedInAs() { actor, role, csrf_token, expires_at }: SignedIn): WhoAmI {
    const server_time = new Date().toISOString() as Instant;
    return { actor, role, csrf_token, expires_at, instance_id: this.instance.instance_id, server_time };
  }
}
