import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { Browser, CALLS, CommandHandler, FACTS } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import { Position } from '@app/kernel';
import { refusals } from '../../refusals.js';
import { VoidEvent } from './void-event.command.js';
import { type FoundMessage, voidEvent } from './void-event.decide.js';

@Controller('projections')
export class VoidEventController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly browser: Browser,
  ) {}

  /**
   * POST /api/v1/infrastructure/projections/void `{"position": "f4711", "hash": "9f86...", "reason": "published by hand"}`
   *
   * Every fold skips that message from now on, and what stood still at it goes on. Answers 202 and a position; 404
   * `log.message-unknown`, 409 `log.hash-differs`, `log.event-readable`, `log.needs-release`, `log.not-voidable`. Cannot be undone.
   */
  @Post('void')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Takes(VoidEvent)
  @ApiOperation({ operationId: 'voidEvent', summary: 'Declare absent what no release can read' })
  @ApiAcceptedResponse({ type: Accepted })
  async void(@Command() command: VoidEvent, @Actor() actor: string, @CommandId() commandId: string): Promise<Accepted> {
    const { hash, reason } = command;
    const at = Position.parse(command.position);
    const [stream, position] =
      at.of('facts') === undefined ? ([CALLS, at.of('calls') ?? 0] as const) : ([FACTS, at.of('facts') ?? 0] as const);
    const found = await this.found(stream === FACTS ? 'facts' : 'calls', position);
    const data = { stream, position, hash, reason, found };
    return acceptedOr(refusals, await this.commands.handle(voidEvent, { data, actor, commandId }));
  }

  private async found(stream: 'facts' | 'calls', position: number): Promise<FoundMessage | null> {
    const message = position === 0 ? null : await this.browser.at(stream, position);
    if (message === null) return null;
    const { subject, hash, unreadable, voided } = message;
    return { subject, hash, unreadable: voided ? 'decode.voided' : (unreadable?.code ?? null) };
  }
}
