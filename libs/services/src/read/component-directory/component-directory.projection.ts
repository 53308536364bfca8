import { ArrayMaxSize, IsBoolean, IsIn, IsString } from 'class-validator';
import { type Details, type Instant, IsDetails, IsId, IsInstant, IsNullable, Position, existing, projectionOf } from '@app/kernel';
import { COMPONENT_KINDS, type ComponentKind } from '../../events/component-kind.js';
import { COMPONENT_STATUSES, type ComponentStatus } from '../../events/component-status.js';
import { ComponentDeclared, ComponentRetired, ComponentStatusChanged } from '../../events/index.js';
import { REASONS, type Reason } from '../../events/reason.js';

/** One component as the facts have it. What was measured of it is in the roll-ups beside. */
export class ComponentEntry {
  @IsId() component_id: string;

  @IsIn(COMPONENT_KINDS) kind: ComponentKind;

  @IsString() name: string;

  @IsNullable() @IsString() target: string | null;

  @IsBoolean() critical: boolean;

  @IsIn(COMPONENT_STATUSES) status: ComponentStatus;

  @IsNullable() @IsIn(REASONS) reason: Reason | null;

  @IsDetails() details: Details;

  @IsInstant() since: Instant;

  @IsNullable() @IsInstant() last_good_at: Instant | null;

  @IsNullable() @IsInstant() next_probe_at: Instant | null;

  /** When the fact was stored that says so. */
  @IsInstant() judged_at: Instant;

  /** What the status rests on, and the status itself. */
  @ArrayMaxSize(17) @IsString({ each: true }) evidence: string[];
}

/** Every watched component with its last status. Rebuilds from an empty table. */
export const componentDirectory = projectionOf(ComponentEntry)({
  table: 'component_directory',
  version: 2,
  id: 'component_id',
  reads: [ComponentDeclared, ComponentRetired, ComponentStatusChanged],
  key: (event) => event.data.component_id,
  on: {
    'services.component.declared': (before, { data, at, position }) => ({
      ...(before ?? neverProbed(at, position)),
      component_id: data.component_id,
      kind: data.kind,
      name: data.name,
      target: data.target,
      critical: data.critical,
    }),
    'services.component.status-changed': (before, event) => {
      const { to, reason, details, since, last_good_at, next_probe_at, evidence } = event.data;
      const at = factAt(event.position);
      const evaluated = {
        status: to,
        reason,
        details,
        since,
        judged_at: event.at,
        last_good_at,
        next_probe_at,
        evidence: [...evidence, at],
      };
      return { ...existing(before, event), ...evaluated };
    },
    'services.component.retired': () => null,
  },
});

const neverProbed = (at: Instant, position: number) => ({
  status: 'unknown' as const,
  reason: 'never_connected' as const,
  details: {},
  since: at,
  judged_at: at,
  last_good_at: null,
  next_probe_at: null,
  evidence: [factAt(position)],
});
const factAt = (facts: number): string => new Position({ facts }).format();
