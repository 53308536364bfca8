import { ArrayMaxSize, IsIn, IsInt, IsNumber, Min } from 'class-validator';
import { type Details, DomainEvent, type Instant, IsDetails, IsId, IsInstant, IsNullable, IsText, asId, storedSentence } from '@app/kernel';
import type { ComponentId } from './component-id.js';
import { COMPONENT_STATUSES, type ComponentStatus } from './component-status.js';
import { REASONS, type Reason } from './reason.js';

/** Its sentence was stored, and named what was so when it was judged. */
class ComponentStatusChangedV1 {
  static readonly example: ComponentStatusChangedV1 = {
    component_id: asId('valkey'),
    from: 'amber',
    to: 'red',
    reason: 'connect_refused',
    sentence: '3 probes in a row failed: 127.0.0.1:6379 refuses connections.',
    since: '2026-02-01T12:00:04.120Z',
    last_good_at: '2026-02-01T11:59:45.031Z',
    next_probe_at: '2026-02-01T12:00:15.031Z',
    evidence: ['t81720', 't81724', 't81727'],
    latency_ms: null,
    policy_version: 1,
  };
  static readonly toNext = ({ sentence, ...rest }: ComponentStatusChangedV1): ComponentStatusChanged => ({
    ...rest,
    details: storedSentence(sentence),
  });

  @IsId() readonly component_id: ComponentId;

  @IsIn(COMPONENT_STATUSES) readonly from: ComponentStatus;

  @IsIn(COMPONENT_STATUSES) readonly to: ComponentStatus;

  @IsNullable() @IsIn(REASONS) readonly reason: Reason | null;

  @IsText(500) readonly sentence: string;

  @IsInstant() readonly since: Instant;

  @IsNullable() @IsInstant() readonly last_good_at: Instant | null;

  @IsNullable() @IsInstant() readonly next_probe_at: Instant | null;

  @ArrayMaxSize(16) @IsText(64, { each: true }) readonly evidence: readonly string[];

  @IsNullable() @IsNumber() @Min(0) readonly latency_ms: number | null;

  @IsInt() @Min(1) readonly policy_version: number;
}

/**
 * A component was judged to be something else than before, or to be so for another reason (`from` is then `to`).
 *
 * Emitted by  write/change-status, which the prober asks.
 * Invariant   `from` is the `to` of the one before; the first is from `unknown`.
 */
@DomainEvent
export class ComponentStatusChanged {
  static readonly kind = 'fact';
  static readonly type = 'services.component.status-changed';
  static readonly version = 2;
  static readonly past = { 1: ComponentStatusChangedV1 };
  static readonly example: ComponentStatusChanged = {
    component_id: asId('valkey'),
    from: 'amber',
    to: 'red',
    reason: 'connect_refused',
    details: { failures: 3, said: '127.0.0.1:6379 refuses connections.' },
    since: '2026-02-01T12:00:04.120Z',
    last_good_at: '2026-02-01T11:59:45.031Z',
    next_probe_at: '2026-02-01T12:00:15.031Z',
    evidence: ['t81720', 't81724', 't81727'],
    latency_ms: null,
    policy_version: 1,
  };
  static readonly streamId = (data: ComponentStatusChanged): ComponentId => data.component_id;

  @IsId() readonly component_id: ComponentId;

  @IsIn(COMPONENT_STATUSES) readonly from: ComponentStatus;

  @IsIn(COMPONENT_STATUSES) readonly to: ComponentStatus;

  /** null: it is green. */
  @IsNullable() @IsIn(REASONS) readonly reason: Reason | null;

  /** What was measured and named. The sentence is made of it when it is read. */
  @IsDetails() readonly details: Details;

  /** Since when it is `to`, by the prober's clock: the log itself may have been what was down. */
  @IsInstant() readonly since: Instant;

  /** When a probe last found nothing red; null: never. */
  @IsNullable() @IsInstant() readonly last_good_at: Instant | null;

  /** When it is looked at again; null: not before something changes. */
  @IsNullable() @IsInstant() readonly next_probe_at: Instant | null;

  /** Positions of the events it was judged by: probes, or the statuses on what it depends on. Empty where the log kept none. */
  @ArrayMaxSize(16) @IsText(64, { each: true }) readonly evidence: readonly string[];

  /** Of the last probe; null: it got no answer, or nothing that is timed. */
  @IsNullable() @IsNumber() @Min(0) readonly latency_ms: number | null;

  /** The thresholds in force. */
  @IsInt() @Min(1) readonly policy_version: number;
}
