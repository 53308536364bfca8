import type { Accepted, EventDetail } from '../contract.js';
import type { Context } from '../context.js';
import { type Failure, failure } from '../failure.js';
import { eventDetails } from '../view/event.js';
import { details } from '../view/table.js';
import { eventAt, isVoidable } from './events.js';
import { unread } from './read-back.js';

interface VoidOptions {
  confirm?: string;
  reason?: string;
}

/** `ap infrastructure projections void`: confirmed with the hash of the event, which is shown together with the event. */
export async function voidEvent(context: Context, { confirm, reason }: VoidOptions, position: string): Promise<void> {
  const api = await context.api();
  if (!confirm) {
    const { data: event } = await eventAt(api, position);
    context.output.lines((canvas) => [...eventDetails(event, canvas), '']);
    throw unconfirmed(event);
  }
  if (!reason) throw failure('cli.usage', 'A void needs a reason', 'say why with --reason: it is recorded for good');
  const accepted = await api.command<Accepted>('POST', '/projections/void', { position, hash: confirm, reason });
  context.output.data('ap.infra.command/v1', { ...unread(accepted.position), data: { event: position, hash: confirm } }, (canvas) =>
    details([['voided', position]], canvas),
  );
  context.output.hint('Rows that stood still because of it go on by themselves. What is left: ap infrastructure projections parked');
  context.output.hint(
    'What it was about is held until an admin releases it: ap infrastructure peers|routes|edge release, ap auth token release',
  );
}

function unconfirmed(event: EventDetail): Failure {
  const { position, hash, unreadable, voided } = event;
  const facts = { position, hash };
  if (isVoidable(event))
    return failure(
      'cli.not-confirmed',
      `Voiding the event at ${position} cannot be undone, and needs its hash as confirmation`,
      `if it is meant: ap infrastructure projections void ${position} --confirm=${hash} --reason "..."`,
      facts,
    );
  const refusal = (detail: string, next: string): Failure => failure('cli.not-confirmed', detail, next, facts);
  if (voided) return refusal(`The event at ${position} is voided already`, 'nothing is left to do');
  if (unreadable === null)
    return refusal(
      `The event at ${position} can be read, so the server refuses to void it`,
      'a row that stands still at it needs a corrected release; then: ap infrastructure projections retry --help',
    );
  if (unreadable.code === 'event.unknown')
    return refusal(
      `A newer release wrote the event at ${position} and can read it, so the server refuses to void it`,
      'upgrade to that release',
    );
  return refusal(`The event at ${position} is telemetry, which cannot be voided`, 'leave it: telemetry ends by age');
}
