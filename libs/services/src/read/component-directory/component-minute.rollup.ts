import { ArrayMaxSize, IsIn, IsInt, IsString, Min } from 'class-validator';
import { type Instant, IsId, IsInstant, rollupOf } from '@app/kernel';
import type { ComponentStatus } from '../../events/component-status.js';
import { HealthProbed } from '../../events/index.js';
import { BUCKETS, EMPTY, counted } from '../../histogram.js';
import type { Colour } from './component-directory.view.js';

/** One minute of one component. */
export class ComponentMinute {
  /** `<component_id>@<minute>` */
  @IsString() id: string;

  @IsId() component_id: string;

  @IsInstant() minute: Instant;

  @IsInt() @Min(0) good: number;

  @IsInt() @Min(0) bad: number;

  @IsIn(['green', 'amber', 'red', 'unknown']) worst: Colour;

  /** Counts by bucket of `histogram.ts`. */
  @ArrayMaxSize(BUCKETS) @IsInt({ each: true }) latencies: number[];
}

const DAY_MS = 86_400_000;

export const minuteOf = (at: Instant): Instant => `${at.slice(0, 16)}:00.000Z` as Instant;
export const minuteId = (componentId: string, minute: Instant): string => `${componentId}@${minute}`;

/** What no verdict could be reached on counts neither way: the outage is another's. */
export const componentMinute = rollupOf(ComponentMinute)({
  table: 'component_minute',
  version: 1,
  id: 'id',
  keep: { by: 'minute', forMs: 90 * DAY_MS }, // The longest window anybody asks for.
  reads: [HealthProbed],
  key: (event) => minuteId(event.data.component_id, minuteOf(event.at)),
  on: {
    'services.health.probed': (before, { data, at }) => {
      const minute = before ?? emptyMinute(data.component_id, minuteOf(at));
      if (data.status === 'unknown') return minute;
      return {
        ...minute,
        good: minute.good + (data.ok ? 1 : 0),
        bad: minute.bad + (data.ok ? 0 : 1),
        worst: worse(minute.worst, COLOUR[data.status]),
        latencies: data.latency_ms === null ? minute.latencies : [...counted(minute.latencies, data.latency_ms)],
      };
    },
  },
});

const emptyMinute = (component_id: string, minute: Instant): ComponentMinute => ({
  id: minuteId(component_id, minute),
  component_id,
  minute,
  good: 0,
  bad: 0,
  worst: 'unknown',
  latencies: [...EMPTY],
});

const COLOUR: Record<ComponentStatus, Colour> = { green: 'green', amber: 'amber', recovering: 'amber', red: 'red', unknown: 'unknown' };
const BADNESS: Record<Colour, number> = { unknown: 0, green: 1, amber: 2, red: 3 };
const worse = (a: Colour, b: Colour): Colour => (BADNESS[b] > BADNESS[a] ? b : a);
