import { Controller, Delete, HttpCode, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import { CommandHandler } from '@app/event-store';
import { acceptedOr, problemOf } from '@app/http';
import { asId, refuse } from '@app/kernel';
import { Credentials } from '../../runtime/credentials.adapter.js';
import { type CookieReply, SessionCookie } from '../../adapters/session-cookie.adapter.js';
import { type SignedIn, SignedInAs } from '../../adapters/signed-in.adapter.js';
import { SignIns } from '../../runtime/sign-ins.adapter.js';
import type { SessionId } from '../../events/index.js';
import { refusals } from '../../refusals.js';
import { closeSession } from './close-session.decide.js';

@Controller('session')
export class CloseSessionController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly credentials: Credentials,
    private readonly signIns: SignIns,
    private readonly cookie: SessionCookie,
  ) {}

  /**
   * DELETE /api/v1/infrastructure/session
   *
   * Answers 204 and clears the cookie; 409 `access.no-session` to a service token. The row goes first: whatever else is answered once
   * it is gone, the session is over. Should the log not have answered then, no event says when; it ended before its `expires_at`.
   */
  @Delete()
  @ApiOperation({ operationId: 'closeSession' })
  @HttpCode(204)
  @ApiNoContentResponse()
  async close(@SignedInAs() { actor, csrf_token }: SignedIn, @Res({ passthrough: true }) reply: CookieReply): Promise<void> {
    if (csrf_token === null) throw problemOf(refusals, refuse('access.no-session'));
    const session_id = asId<SessionId>(actor.slice('session:'.length));
    await this.credentials.removeSession(session_id);
    this.signIns.forget(actor);
    this.cookie.clear(reply);
    acceptedOr(refusals, await this.commands.handle(closeSession, { data: { session_id }, actor }));
  }
}
