import { IsIn, IsInt, Min } from 'class-validator';
import { DomainEvent, IsText } from '@app/kernel';

export const ACCEPTED_STREAMS = ['FACTS', 'CALLS', 'TELEMETRY'] as const;

/**
 * An operator accepted a stream as it is, on the host: it had lost its end, or was restored. What comes after is another history: positions of
 * before mean nothing in it.
 *
 * Not this    which rights were held. Each of those has a fact of its own.
 */
@DomainEvent
export class StreamAccepted {
  static readonly kind = 'fact';
  static readonly type = 'log.stream.accepted';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: StreamAccepted = { stream: 'FACTS', old_end: 156, new_end: 155, by: 'ada on host-1' };
  static readonly streamId = (data: StreamAccepted): string => data.stream;

  @IsIn(ACCEPTED_STREAMS) readonly stream: (typeof ACCEPTED_STREAMS)[number];

  /** How far it had been seen. */
  @IsInt() @Min(0) readonly old_end: number;

  /** Where it ended when it was accepted. */
  @IsInt() @Min(0) readonly new_end: number;

  /** The account on the host that ran the accept. */
  @IsText(200) readonly by: string;
}
