import { IsBoolean, IsIn, IsNumber, IsString } from 'class-validator';
import { type Instant, IsId, IsInstant, IsNullable, Position, rollupOf } from '@app/kernel';
import { COMPONENT_STATUSES, type ComponentStatus } from '../../events/component-status.js';
import { HealthProbed } from '../../events/index.js';

/** The last probe of one component. */
export class ComponentLatest {
  @IsId() component_id: string;

  @IsInstant() last_probe_at: Instant;

  /** Where it is in the telemetry, for as long as that keeps it. */
  @IsString() probe_position: string;

  @IsBoolean() ok: boolean;

  @IsIn(COMPONENT_STATUSES) judged: ComponentStatus;

  @IsNullable() @IsNumber() latency_ms: number | null;

  @IsNullable() @IsIn(['http']) capability: 'http' | null;

  @IsNullable() @IsString() version: string | null;

  @IsNullable() @IsInstant() last_ok_at: Instant | null;

  @IsInstant() probe_due_at: Instant;
}

/** What a component said of itself last stays when it falls silent: a version is worth more than nothing. */
export const componentLatest = rollupOf(ComponentLatest)({
  table: 'component_latest',
  version: 1,
  id: 'component_id',
  reads: [HealthProbed],
  key: (event) => event.data.component_id,
  on: {
    'services.health.probed': (before, { data, at, position }) => ({
      component_id: data.component_id,
      last_probe_at: at,
      probe_position: new Position({ telemetry: position }).format(),
      ok: data.ok,
      judged: data.status,
      latency_ms: data.latency_ms,
      capability: data.capability ?? before?.capability ?? null,
      version: data.version ?? before?.version ?? null,
      last_ok_at: data.ok ? at : (before?.last_ok_at ?? null),
      probe_due_at: data.next_probe_at,
    }),
  },
});
