import { IsBoolean, IsIn, IsInt, IsNumber, Min } from 'class-validator';
import { DomainEvent, type Instant, IsId, IsInstant, IsNullable, IsText, asId } from '@app/kernel';
import type { ComponentId } from './component-id.js';
import { COMPONENT_STATUSES, type ComponentStatus } from './component-status.js';
import { REASONS, type Reason } from './reason.js';

const CAPABILITIES = ['http'] as const;

/**
 * The prober looked at a component. Telemetry: several per minute, gone when the bounded stream is full; roll-ups keep the counts.
 *
 * Not this    that a component went red. That is decided from probes, once, and is `services.component.status-changed`.
 */
@DomainEvent
export class HealthProbed {
  static readonly kind = 'telemetry';
  static readonly type = 'services.health.probed';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: HealthProbed = {
    component_id: asId('gateway-berlin'),
    ok: true,
    latency_ms: 12.4,
    status: 'amber',
    reason: 'starting',
    detail: 'The gateway is starting: startup-sidecars.',
    capability: 'http',
    version: '2026.9.6',
    uptime_ms: 6510,
    next_probe_at: '2026-02-01T12:00:30.000Z',
  };
  static readonly streamId = (data: HealthProbed): ComponentId => data.component_id;

  @IsId() readonly component_id: ComponentId;

  /** It answered in time and as it should. What it said of itself may still be amber. */
  @IsBoolean() readonly ok: boolean;

  /** From our request to the whole answer, by our monotonic clock; null: no answer, or nothing that is timed. */
  @IsNullable() @IsNumber() @Min(0) readonly latency_ms: number | null;

  /** The status with this probe counted. `unknown`: what it depends on is down, so the probe counts neither way. */
  @IsIn(COMPONENT_STATUSES) readonly status: ComponentStatus;

  /** What was wrong this time; null: nothing. */
  @IsNullable() @IsIn(REASONS) readonly reason: Reason | null;

  /** The same as a sentence; empty: nothing. At most 300 characters. */
  @IsText(300) readonly detail: string;

  /** How deep the probe could look into a gateway; null for all else. */
  @IsNullable() @IsIn(CAPABILITIES) readonly capability: (typeof CAPABILITIES)[number] | null;

  /** What it says it is; null: it did not say. At most 100 characters. */
  @IsNullable() @IsText(100) readonly version: string | null;

  /** For how long it has run, by its own word; null: it did not say. */
  @IsNullable() @IsInt() @Min(0) readonly uptime_ms: number | null;

  @IsInstant() readonly next_probe_at: Instant;
}
