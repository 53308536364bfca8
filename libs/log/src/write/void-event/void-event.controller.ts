import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation } from '@nestjs/swagger';
import { Browser, CALLS, CommandHandler, FACTS, Places } from '@app/event-store';
import { Accepted, Actor, Command, CommandId, Idempotent, Roles, Takes, acceptedOr } from '@app/http';
import { type CommandKey, type ReadState, isRefusal } from '@app/kernel';
import { ours } from '@app/read-store';
import { Guards } from '../../guards.js';
import { refusals } from '../../refusals.js';
import { VoidEvent } from './void-event.command.js';
import { type EventToVoid, type FoundMessage, voidEvent } from './void-event.decide.js';

@Controller('projections')
export class VoidEventController {
  constructor(
    private readonly commands: CommandHandler,
    private readonly browser: Browser,
    private readonly guards: Guards,
    private readonly places: Places,
  ) {}

  /**
   * POST /api/v1/infrastructure/projections/void `{"position": "f4711", "hash": "9f86...", "reason": "published by hand"}`
   *
   * Every fold skips that message from now on, and what stood still at it goes on. The message may have been the one that takes a right
   * away: its peer, agent, token or routing rules are held until an admin releases them, and its session is closed. Answers 202 and a position;
   * 404 `log.message-unknown`, 409 `log.hash-differs`, `log.event-readable`, `log.needs-release`, `log.not-voidable`. Cannot be undone.
   */
  @Post('void')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @Takes(VoidEvent)
  @ApiOperation({ operationId: 'voidEvent', summary: 'Declare absent what no release can read' })
  @ApiAcceptedResponse({ type: Accepted })
  async void(@Command() command: VoidEvent, @Actor() actor: string, @CommandId() key: CommandKey): Promise<Accepted> {
    const { hash, reason } = command;
    const at = ours(this.places, command.position);
    const [stream, position] =
      at.of('facts') === undefined ? ([CALLS, at.of('calls') ?? 0] as const) : ([FACTS, at.of('facts') ?? 0] as const);
    const found = await this.found(stream === FACTS ? 'facts' : 'calls', position);
    const data = { stream, position, hash, reason, found };
    await this.commands.read(voidEvent.on(data), { repeats: key }); // A key that is refused holds nobody.
    if (found !== null && isVoidable(data)) await this.hold(found.subject, actor); // Before it is let in again.
    return acceptedOr(refusals, await this.commands.handle(voidEvent, { data, actor, ...key }));
  }

  private async hold(subject: string, actor: string): Promise<void> {
    const read: ReadState = (source) => this.commands.read(source, { passesUnreadable: true });
    for (const { hold, about } of this.guards.all)
      for (const data of await about(subject, read)) await this.commands.handle(hold, { data, actor });
  }

  private async found(stream: 'facts' | 'calls', position: number): Promise<FoundMessage | null> {
    const message = position === 0 ? null : await this.browser.at(stream, position);
    if (message === null) return null;
    const { subject, hash, unreadable, voided } = message;
    return { subject, hash, unreadable: voided ? 'decode.voided' : (unreadable?.code ?? null) };
  }
}

/** Whether the rule would void it, had nobody voided it before. */
const isVoidable = (data: EventToVoid): boolean => {
  const decision = voidEvent.decide(null, { data, at: '1970-01-01T00:00:00.000Z', actor: '' });
  return !isRefusal(decision);
};
