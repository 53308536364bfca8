import { IsIn, IsInt, Matches, Min } from 'class-validator';
import { DomainEvent, type Id, IsText, asId } from '@app/kernel';

/** `FACTS-4711`: a message of the log, named by the stream that keeps it and its sequence there. */
export type LogMessageId = Id<'log-message'>;

/** The streams whose messages can be voided. Telemetry forgets by itself. */
export const VOIDABLE = ['FACTS', 'CALLS'] as const;

/**
 * An admin declared one message of the log absent, since no release can read it. Every fold skips that message; its sequence still
 * counts. A void whose hash is not that of the message has no effect.
 */
@DomainEvent
export class EventVoided {
  static readonly kind = 'fact';
  static readonly type = 'log.event.voided';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: EventVoided = {
    stream: 'FACTS',
    position: 4711,
    hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    reason: 'Published by hand during a migration; it has no CloudEvents headers.',
  };
  static readonly streamId = ({ stream, position }: EventVoided): LogMessageId => asId(`${stream}-${position}`);

  @IsIn(VOIDABLE) readonly stream: (typeof VOIDABLE)[number];

  /** The sequence of the message in `stream`. */
  @IsInt() @Min(1) readonly position: number;

  /** SHA-256 of subject, headers and body as the stream keeps them, in hexadecimal. */
  @Matches(/^[0-9a-f]{64}$/) readonly hash: string;

  @IsText(500) readonly reason: string;
}
